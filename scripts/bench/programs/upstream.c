#define _GNU_SOURCE
/* The program behind the gateways of the benches: an HTTP/1.1 server of one thread that keeps connections and answers each request with
   a body of 3 bytes, or of 1 MB for /big, and sends back whatever comes after an upgrade. Replies to /vary have another head each time.
   It does as little as a server can, so that what is measured is what stands before it.
   Usage: upstream HOST PORT. Requests must have no body. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <fcntl.h>

#define BIG (1 << 20)
#define MOST 4096

static const char SMALL[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";
static const char SWITCHED[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
static char *big;
static size_t big_size;

/* What is left of a reply to be sent, and the head that is being read: for each descriptor. */
static struct peer {
  char head[8192];
  size_t have, sent, size;
  const char *reply;
  int echoes;
  char varied[128];
} peers[MOST];

static int poll_of(int epoll, int fd, unsigned events, int how) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  return epoll_ctl(epoll, how, fd, &event);
}

static size_t vary(char *reply, size_t size) {
  static unsigned count;
  const char *form = "HTTP/1.1 200 OK\r\nETag: \"%08x\"\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";
  return (size_t)snprintf(reply, size, form, ++count);
}

/* 0: the connection is over. */
static int serve(int epoll, int fd) {
  struct peer *peer = &peers[fd];
  for (;;) {
    if (peer->reply) {
      ssize_t wrote = write(fd, peer->reply + peer->sent, peer->size - peer->sent);
      if (wrote < 0) return poll_of(epoll, fd, EPOLLOUT, EPOLL_CTL_MOD) == 0;
      if ((peer->sent += (size_t)wrote) < peer->size) continue;
      peer->reply = 0;
      if (peer->echoes) peer->have = 0;
      poll_of(epoll, fd, EPOLLIN, EPOLL_CTL_MOD);
    }
    if (peer->echoes && peer->have > 0) {
      peer->reply = peer->head;
      peer->size = peer->have;
      peer->sent = 0;
      continue;
    }
    char *end = memmem(peer->head, peer->have, "\r\n\r\n", 4);
    if (end) {
      *end = 0;
      peer->echoes = strcasestr(peer->head, "\r\nupgrade: websocket") != 0;
      int large = memcmp(peer->head, "GET /big ", 9) == 0;
      peer->reply = peer->echoes ? SWITCHED : large ? big : SMALL;
      peer->size = peer->echoes ? sizeof SWITCHED - 1 : large ? big_size : sizeof SMALL - 1;
      if (memcmp(peer->head, "GET /vary", 9) == 0) {
        peer->reply = peer->varied;
        peer->size = vary(peer->varied, sizeof peer->varied);
      }
      peer->sent = 0;
      peer->have -= (size_t)(end + 4 - peer->head);
      memmove(peer->head, end + 4, peer->have);
      continue;
    }
    ssize_t got = read(fd, peer->head + peer->have, sizeof peer->head - peer->have);
    if (got < 0) return 1;
    if (got == 0) return 0;
    peer->have += (size_t)got;
  }
}

int main(int argc, char **argv) {
  struct sockaddr_in place;
  struct epoll_event events[64];
  int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0);
  if (argc < 3) return 2;
  memset(&place, 0, sizeof place);
  place.sin_family = AF_INET;
  place.sin_port = htons((unsigned short)atoi(argv[2]));
  if (inet_pton(AF_INET, argv[1], &place.sin_addr) != 1) return 2;
  big = malloc(BIG + 200);
  big_size = (size_t)sprintf(big, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", BIG);
  memset(big + big_size, 'x', BIG);
  big_size += BIG;
  signal(SIGPIPE, SIG_IGN);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 512)) {
    perror("upstream");
    return 1;
  }
  poll_of(epoll, listener, EPOLLIN, EPOLL_CTL_ADD);
  for (;;) {
    int count = epoll_wait(epoll, events, 64, -1);
    for (int index = 0; index < count; index += 1) {
      int fd = events[index].data.fd;
      if (fd == listener) {
        while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK)) >= 0) {
          if (fd >= MOST) {
            close(fd);
            continue;
          }
          memset(&peers[fd], 0, sizeof peers[fd]);
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          poll_of(epoll, fd, EPOLLIN, EPOLL_CTL_ADD);
        }
      } else if (!serve(epoll, fd)) close(fd);
    }
  }
}
