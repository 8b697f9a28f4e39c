/* A program on newlib's semihosting: text, floating point, arguments, files, clocks and an exit code. */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void numbers(void)
{
    static const double values[] = {0.0, -0.0, 1.0 / 3, 1e-310, 6.02214076e23, -2.5, 123456789.0};

    for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
        printf("%g %.17g %e %.3f\n", values[i], values[i], values[i], values[i]);
    printf("%f %f %f %f\n", sin(1.0), exp(2.5), pow(2.0, 0.5), log(10.0));
    printf("%f %f %f\n", (double)sqrtf(2.0f), (double)fmaf(1.5f, 2.5f, -0.25f), fma(1e16, 1.0 + 1e-15, -1e16));
    printf("%d %u %x %lld %llu %5s|%-5s|%c\n", -42, 42u, 0xdeadbeefu, -1234567890123LL, 12345678901234567890ULL, "ab", "cd", 'e');
    printf("%lld %llu %d %u\n", -1234567890123LL / 1007, 12345678901234567890ULL % 1000003, -17 / 5, 3000000000u / 7);
    printf("%g %ld %g\n", strtod("2.718281828459045", NULL), strtol("-0x7fff", NULL, 16), atof("1e-5"));
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void memory(void)
{
    const char *words[] = {"pear", "apple", "fig", "quince", "date"};
    char *block = malloc(100000);
    uint32_t sum = 0;

    qsort(words, 5, sizeof *words, compare);
    for (unsigned i = 0; i < 5; i++)
        printf("%s ", words[i]);
    memset(block, 0x5a, 100000);
    for (unsigned i = 0; i < 64; i++)
        memcpy(block + 1000 + i * 97, block + i * 31 + (i & 7), i);
    memmove(block + 3, block, 50000);
    for (unsigned i = 0; i < 100000; i++)
        sum = sum * 31 + (uint8_t)block[i];
    printf("%08lx %u %s\n", (unsigned long)sum, (unsigned)strlen("semihosting"), strchr("hosting", 's'));
    free(block);
}

static void files(void)
{
    static const char name[] = "semihosting-test.txt";
    char line[64] = "";
    FILE *file = fopen(name, "w+");

    printf("open %d\n", file != NULL);
    if (file == NULL)
        return;
    for (int i = 0; i < 100; i++)
        fprintf(file, "line %d of 100\n", i);
    printf("tell %ld\n", ftell(file));
    fseek(file, 42, SEEK_SET);
    printf("read '%s'\n", fgets(line, sizeof line, file) == NULL ? "nothing" : strtok(line, "\n"));
    fseek(file, -8, SEEK_END);
    printf("read '%s'\n", fgets(line, sizeof line, file) == NULL ? "nothing" : strtok(line, "\n"));
    printf("end %d %d\n", fgetc(file), feof(file) != 0);
    fclose(file);
    file = fopen(name, "a");
    fputs("more\n", file);
    fclose(file);
    file = fopen(name, "rb");
    fseek(file, 0, SEEK_END);
    printf("size %ld\n", ftell(file));
    fclose(file);
    printf("remove %d\n", remove(name));
    errno = 0;
    file = fopen(name, "r");
    printf("gone %d %d\n", file == NULL, errno);
    printf("remove %d\n", remove(name));
}

int main(int argc, char **argv)
{
    printf("%d arguments\n", argc - 1);
    for (int i = 1; i < argc; i++)
        printf("  %d: '%s'\n", i, argv[i]);
    numbers();
    memory();
    files();
    const time_t now = time(NULL);
    const clock_t begin = clock();
    printf("time %d clock %d\n", now > 1000000000, clock() >= begin);
    fprintf(stderr, "to stderr\n");
    return argc > 1 ? atoi(argv[argc - 1]) : 0;
}
