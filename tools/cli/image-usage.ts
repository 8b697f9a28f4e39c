/** What `partita image --help` says. */

export const IMAGE_USAGE = `partita image: disk images, raw and qcow2

  partita image info FILE                     what the image is, and what it lies over
  partita image create FILE [SIZE]            a new image; over a backing file it takes that one's size
  partita image convert FROM TO               copy a disk, with all it lies over, into a new image of its own
  partita image commit FILE                   write what FILE has into its backing file; FILE is empty afterwards
  partita image check FILE                    look for leaks and corruptions in a qcow2 image

  --format raw|qcow2     of FILE or FROM; else its first bytes tell (create: qcow2)
  --folder DIR           backing files must lie in this folder (default: that of FILE); --folder / allows all
  --json                 info, check: for programs
create, convert
  --to raw|qcow2         convert: format of TO (default: by its name, .qcow2 or raw)
  --force                write over a file that is there already
  --backing FILE         create: what the image lies over, named as seen from the new image's folder
  --backing-format raw|qcow2
  --cluster-size 64K     512 to 2M
  --refcount-bits 16     1, 2, 4, 8, 16, 32 or 64
  --compat 3             version of qcow2: 3, or 2 for old programs
check
  --repair leaks         give back room that nothing uses
  --repair refcounts     count anew: for an image that was not closed properly

Examples
  partita image create disk.qcow2 8G
  partita image create --backing base.qcow2 --backing-format qcow2 run1.qcow2
  partita image info run1.qcow2 --json
  partita image convert run1.qcow2 disk.raw
  partita image commit run1.qcow2
  partita image check disk.qcow2 --repair leaks

After a commit, other images over the same backing file are of no use: what they lie over has changed.
Status: 0 done and sound, 1 corruptions found, 2 usage error or an image that cannot be used, 3 leaks found (and nothing worse).
`;
