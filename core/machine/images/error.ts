/** An image that cannot be used: says what was found, what was expected and what to do. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
}
