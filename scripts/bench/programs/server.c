/* The service of the benches: an HTTP server of one thread that answers everything with "ok". Usage: server [HOST PORT], or from
   HOST and PORT. So small that what is measured is whoever started it. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char ANSWER[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

int main(int argc, char **argv) {
  const char *host = argc > 2 ? argv[1] : getenv("HOST");
  const char *port = argc > 2 ? argv[2] : getenv("PORT");
  struct sockaddr_in place;
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  memset(&place, 0, sizeof place);
  place.sin_family = AF_INET;
  place.sin_port = htons((unsigned short)atoi(port ? port : "0"));
  if (inet_pton(AF_INET, host ? host : "127.0.0.1", &place.sin_addr) != 1) return 2;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (struct sockaddr *)&place, sizeof place) || listen(listener, 128)) {
    perror("server");
    return 1;
  }
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    char request[4096];
    int connection = accept(listener, 0, 0);
    if (connection < 0) continue;
    if (read(connection, request, sizeof request) > 0 && write(connection, ANSWER, sizeof ANSWER - 1) < 0) perror("server");
    close(connection);
  }
}
