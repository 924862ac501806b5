/* Prints COUNT numbered lines of 88 bytes. Before them it writes the monotonic clock (ns) at which it begins into the file STAMP:
   what a manager does before the program runs is another row. Usage: printer COUNT STAMP */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
  long count = argc > 1 ? atol(argv[1]) : 0;
  struct timespec now;
  FILE *stamp = argc > 2 ? fopen(argv[2], "w") : 0;
  if (!stamp) return 2;
  clock_gettime(CLOCK_MONOTONIC, &now);
  fprintf(stamp, "%lld%09ld\n", (long long)now.tv_sec, now.tv_nsec);
  fclose(stamp);
  for (long line = 1; line <= count; line++)
    printf("%08ld the quick brown fox jumps over the lazy dog while the log file keeps growing..\n", line);
  return 0;
}
