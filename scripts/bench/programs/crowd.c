/* A loaded machine for the benches: one parent and CHILDREN processes, each with two listeners on a loopback address of its own
   (127.77.x.y) and four accepted connections, of which it has both ends. Usage: crowd CHILDREN. Says "ready" once all of them stand;
   everything ends with the parent, and the parent when its standard input does. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LISTENERS = 2, PAIRS = 2, PER_NETWORK = 250, PORT = 7000 };

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in place(int child, int port) {
  struct sockaddr_in in;
  unsigned int host = 127u << 24 | 77u << 16 | (unsigned int)(child / PER_NETWORK) << 8 | (unsigned int)(child % PER_NETWORK + 1);
  memset(&in, 0, sizeof in);
  in.sin_family = AF_INET;
  in.sin_port = htons((unsigned short)port);
  in.sin_addr.s_addr = htonl(host);
  return in;
}

static void stand(int child) {
  for (int index = 0; index < LISTENERS; index += 1) {
    struct sockaddr_in in = place(child, PORT + index);
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&in, sizeof in) || listen(listener, 16)) fail("listen");
    for (int pair = 0; pair < PAIRS; pair += 1) {
      int client = socket(AF_INET, SOCK_STREAM, 0);
      if (connect(client, (struct sockaddr *)&in, sizeof in)) fail("connect");
      if (accept(listener, 0, 0) < 0) fail("accept");
    }
  }
}

int main(int argc, char **argv) {
  int children = argc > 1 ? atoi(argv[1]) : 500, ready[2], parent = getpid();
  char word;
  if (pipe(ready)) fail("pipe");
  signal(SIGCHLD, SIG_IGN);
  for (int child = 0; child < children; child += 1) {
    int pid = fork();
    if (pid < 0) fail("fork");
    if (pid > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return 1;
    stand(child);
    if (write(ready[1], "r", 1) != 1) return 1;
    for (;;) pause();
  }
  close(ready[1]);
  for (int child = 0; child < children; child += 1)
    if (read(ready[0], &word, 1) != 1) return 1;
  puts("ready");
  fflush(stdout);
  while (read(0, &word, 1) > 0) continue;
  return 0;
}
