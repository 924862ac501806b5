/* Both ends of what is measured: `wire serve` echoes, floods or drinks; the other modes ask and count. So small that what lies
   between is what shows. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BULK 262144
static char buffer[BULK];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static struct sockaddr_in place(const char *address, int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &a.sin_addr);
  return a;
}

static void nodelay(int fd) {
  int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* The first byte of what is read says what is wanted: `e` echo, `f` a flood, `d` nothing: it is drunk. */
static void serve(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = place("127.0.0.1", 0);
  socklen_t length = sizeof a;
  if (bind(listener, (struct sockaddr *)&a, sizeof a) || listen(listener, 4096)) fail("listen");
  getsockname(listener, (struct sockaddr *)&a, &length);
  printf("%d\n", ntohs(a.sin_port));
  fflush(stdout);
  int loop = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN, .data.fd = listener}, got[256];
  epoll_ctl(loop, EPOLL_CTL_ADD, listener, &e);
  for (;;) {
    int count = epoll_wait(loop, got, 256, -1);
    for (int i = 0; i < count; i++) {
      int fd = got[i].data.fd;
      if (fd == listener) {
        int taken = accept(listener, NULL, NULL);
        if (taken < 0) continue;
        nodelay(taken);
        struct epoll_event in = {.events = EPOLLIN, .data.fd = taken};
        epoll_ctl(loop, EPOLL_CTL_ADD, taken, &in);
        continue;
      }
      if (got[i].events & EPOLLOUT) {
        if (send(fd, buffer, BULK, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno != EAGAIN) close(fd);
        continue;
      }
      ssize_t n = recv(fd, buffer, BULK, MSG_DONTWAIT);
      if (n < 0 && errno == EAGAIN) continue;
      if (n <= 0) close(fd);
      else if (buffer[0] == 'f') {
        struct epoll_event out = {.events = EPOLLOUT, .data.fd = fd};
        epoll_ctl(loop, EPOLL_CTL_MOD, fd, &out);
      } else if (buffer[0] == 'e') send(fd, buffer, n, MSG_NOSIGNAL);
    }
  }
}

static int dial(const char *address, int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = place(address, port);
  if (connect(fd, (struct sockaddr *)&a, sizeof a)) fail("connect");
  nodelay(fd);
  return fd;
}

/* Bytes a second that come down (`f`) or go up (`d`) one connection. */
static int bulk(int fd, char mode, double seconds) {
  memset(buffer, mode, BULK);
  double began = 0, bytes = 0, end = now() + seconds + 0.3, warm = now() + 0.3;
  if (mode == 'f') send(fd, "f", 1, 0);
  while (now() < end) {
    ssize_t n = mode == 'f' ? recv(fd, buffer, BULK, 0) : send(fd, buffer, BULK, 0);
    if (n <= 0) fail("bulk");
    if (began == 0 && now() >= warm) began = now();
    else if (began > 0) bytes += n;
  }
  printf("%.0f\n", bytes / (now() - began));
  return 0;
}

/* The connection speaks WebSocket then. The key is the one of RFC 6455: its answer is known. */
static void upgrade(int fd, int port) {
  char head[1024];
  size_t have = 0;
  int size = snprintf(head, sizeof head,
                      "GET /echo HTTP/1.1\r\nHost: localhost:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", port);
  if (send(fd, head, size, 0) != size) fail("send");
  while (have < 4 || memcmp(head + have - 4, "\r\n\r\n", 4)) {
    if (have == sizeof head || recv(fd, head + have, 1, 0) != 1) fail("upgrade");
    have++;
  }
  if (memcmp(head, "HTTP/1.1 101", 12)) fail("upgrade refused");
}

/* Questions a second, after the seconds that whatever lies between may take to find its pace: each connection asks again as soon as
   it was answered. `talk`: as messages of a WebSocket. */
static int ask(const char *address, int port, int connections, double seconds, double before, int talk) {
  enum { size = 100 };
  int loop = epoll_create1(0), *heard = calloc(65536, sizeof *heard);
  char question[size];
  memset(question, 'e', size);
  /* Binary, whole, masked, 94 bytes. */
  if (talk) memcpy(question, "\x82\xde", 2);
  struct epoll_event got[256];
  for (int i = 0; i < connections; i++) {
    int fd = dial(address, port);
    if (talk) upgrade(fd, port);
    struct epoll_event in = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(loop, EPOLL_CTL_ADD, fd, &in);
    if (send(fd, question, size, 0) < 0) fail("send");
  }
  double warm = now() + before, end = warm + seconds, began = 0, answers = 0;
  for (double t = now(); t < end; t = now()) {
    int count = epoll_wait(loop, got, 256, 1000);
    for (int i = 0; i < count; i++) {
      int fd = got[i].data.fd;
      ssize_t n = recv(fd, buffer, BULK, MSG_DONTWAIT);
      if (n < 0 && errno == EAGAIN) continue;
      if (n <= 0) fail("recv");
      heard[fd] += n;
      if (heard[fd] < size) continue;
      heard[fd] -= size;
      if (began > 0) answers++;
      if (send(fd, question, size, MSG_NOSIGNAL) < 0) fail("send");
    }
    if (began == 0 && t >= warm) began = t;
  }
  printf("%.0f\n", answers / (now() - began));
  return 0;
}

/* The time of each answer in ms, one after the other. */
static int times(int fd, int count) {
  char byte = 'e';
  for (int i = 0; i < count; i++) {
    double began = now();
    if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1) fail("times");
    printf("%.3f\n", (now() - began) * 1000);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "serve")) serve();
  if (argc != 6 && argc != 7) {
    fprintf(stderr, "usage: wire serve | wire down|up ADDRESS PORT SECONDS 1 | wire ask|talk ADDRESS PORT SECONDS CONNECTIONS [BEFORE] | wire times ADDRESS PORT 0 COUNT\n");
    return 2;
  }
  int port = atoi(argv[3]);
  double seconds = atof(argv[4]);
  if (!strcmp(argv[1], "down")) return bulk(dial(argv[2], port), 'f', seconds);
  if (!strcmp(argv[1], "up")) return bulk(dial(argv[2], port), 'd', seconds);
  if (!strcmp(argv[1], "times")) return times(dial(argv[2], port), atoi(argv[5]));
  return ask(argv[2], port, atoi(argv[5]), seconds, argc == 7 ? atof(argv[6]) : 0.3, !strcmp(argv[1], "talk"));
}
