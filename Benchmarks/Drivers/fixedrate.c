// Requests at a fixed rate over a fixed number of connections. A request's time begins when it was due, not when a
// connection was free, so a server that stalls is charged for everyone who had to wait: wrk, which waits for the answer before
// it asks again, leaves that out ("coordinated omission"). Prints one line of JSON; times in microseconds.
//
// The first second warms up and is not counted. Connections take turns, so that every event loop of a server has its share.
// "calm" are medians over windows of a quarter second: a virtual machine whose host takes its processors away for some
// milliseconds has a few bad windows, a server that answers unevenly has many.
//
//   fixedrate 127.0.0.1 PORT PATH RATE SECONDS CONNECTIONS [HEADER…]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 20, TIMER = -1, WARM_UP = 1 };

struct connection {
  int fd;
  uint64_t due;
  size_t length;
  char *bytes;
};

static char message[8192];
static size_t message_length;
static int poller;

static void fail(const char *what) {
  fprintf(stderr, "fixedrate: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void open_connection(struct connection *c, int index, const char *host, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) fail("address");
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  int yes = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (!(c->bytes = malloc(BUFFER + 1))) fail("malloc");
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)index};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event)) fail("epoll_ctl");
}

// Whether the bytes hold all of a chunked body.
static int ends_chunked(const char *p, const char *end) {
  for (;;) {
    const char *line = memmem(p, (size_t)(end - p), "\r\n", 2);
    if (!line) return 0;
    unsigned long size = strtoul(p, NULL, 16);
    if (size == 0) return end - line >= 4;
    if (size > (unsigned long)BUFFER || (unsigned long)(end - line) < size + 4) return 0;
    p = line + 2 + size + 2;
  }
}

// Whether a whole answer has come. Its status is left in `status`.
static int is_complete(struct connection *c, int *status) {
  c->bytes[c->length] = 0;
  char *head = strstr(c->bytes, "\r\n\r\n");
  if (!head) return 0;
  *status = c->length > 12 ? atoi(c->bytes + 9) : 0;
  char *body = head + 4, *end = c->bytes + c->length;
  for (char *line = strstr(c->bytes, "\r\n"); line && line < head; line = strstr(line + 2, "\r\n")) {
    if (!strncasecmp(line + 2, "content-length:", 15)) return (size_t)(end - body) >= strtoul(line + 17, NULL, 10);
    if (!strncasecmp(line + 2, "transfer-encoding:", 18)) return ends_chunked(body, end);
  }
  return 0;
}

static int by_size(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static double microseconds(const uint64_t *sorted, long count, double part) {
  return count ? (double)sorted[(size_t)((double)(count - 1) * part)] / 1000 : 0;
}

// The medians over windows of a percentile of each. Times are in the order of their windows, `ends` says where each ends.
static double calm(uint64_t *times, const long *ends, long windows, double part) {
  uint64_t *found = calloc((size_t)windows, sizeof *found);
  if (!found) fail("calloc");
  long used = 0;
  for (long w = 0; w < windows; w++) {
    long begin = w ? ends[w - 1] : 0, count = ends[w] - begin;
    if (!count) continue;
    qsort(times + begin, (size_t)count, sizeof *times, by_size);
    found[used++] = (uint64_t)(microseconds(times + begin, count, part) * 1000);
  }
  qsort(found, (size_t)used, sizeof *found, by_size);
  double median = microseconds(found, used, 0.5);
  free(found);
  return median;
}

static void send_request(struct connection *c, uint64_t due) {
  c->due = due;
  c->length = 0;
  if (write(c->fd, message, message_length) != (ssize_t)message_length) fail("write");
}

// Reads what is there. 1 where an answer is complete.
static int take(struct connection *c, long *errors) {
  ssize_t n = read(c->fd, c->bytes + c->length, BUFFER - c->length);
  if (n <= 0) {
    if (n < 0 && errno == EINTR) return 0;
    fprintf(stderr, "fixedrate: the server closed a connection, or its answer is over %d bytes\n", BUFFER);
    exit(1);
  }
  c->length += (size_t)n;
  int status = 0;
  if (!is_complete(c, &status)) return 0;
  if (status < 200 || status > 299) ++*errors;
  return 1;
}

int main(int argc, char **argv) {
  if (argc < 7) return fputs("usage: fixedrate HOST PORT PATH RATE SECONDS CONNECTIONS [HEADER…]\n", stderr), 2;
  const char *host = argv[1];
  int port = atoi(argv[2]), count = atoi(argv[6]);
  double rate = atof(argv[4]), seconds = atof(argv[5]);
  long total = (long)(rate * (seconds + WARM_UP)), sent = 0, answered = 0, counted = 0, errors = 0, idle_count = 0, turn = 0;
  if (total < 1 || count < 1) return fputs("fixedrate: nothing to send\n", stderr), 2;

  message_length = (size_t)snprintf(message, sizeof message, "GET %s HTTP/1.1\r\nHost: %s:%d\r\n", argv[3], host, port);
  for (int i = 7; i < argc; i++) {
    message_length += (size_t)snprintf(message + message_length, sizeof message - message_length, "%s\r\n", argv[i]);
    if (message_length > sizeof message - 16) fail("headers");
  }
  memcpy(message + message_length, "\r\n", 2);
  message_length += 2;

  poller = epoll_create1(0);
  struct connection *all = calloc((size_t)count, sizeof *all);
  int *idle = calloc((size_t)count, sizeof *idle);
  uint64_t *times = calloc((size_t)total, sizeof *times);
  const long windows = (long)(seconds * 4) + 1;
  long *ends = calloc((size_t)windows, sizeof *ends);
  if (!all || !idle || !times || !ends) fail("calloc");
  for (int i = 0; i < count; i++) open_connection(&all[i], i, host, port), idle[idle_count++] = i;  // a ring from `turn` on
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct epoll_event tick = {.events = EPOLLIN, .data.u32 = (uint32_t)TIMER};
  if (timer < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, timer, &tick)) fail("timerfd");

  const double gap = 1e9 / rate;
  const uint64_t start = now() + 1000000, limit = start + (uint64_t)((seconds + 30) * 1e9);
  const uint64_t warm = start + WARM_UP * 1000000000ull;
  uint64_t armed = 0;
  while (answered < total) {
    uint64_t due;
    // Those that are due go out while connections are free; the others keep their due times and wait.
    while (sent < total && idle_count > 0 && (due = start + (uint64_t)((double)sent * gap)) <= now())
      send_request(&all[idle[turn]], due), sent++, turn = (turn + 1) % count, idle_count--;
    due = start + (uint64_t)((double)sent * gap);
    if (sent < total && idle_count > 0 && armed != due) {
      struct itimerspec at = {.it_value = {(time_t)(due / 1000000000u), (long)(due % 1000000000u)}};
      timerfd_settime(timer, TFD_TIMER_ABSTIME, &at, NULL);
      armed = due;
    }
    struct epoll_event events[64];
    int n = epoll_wait(poller, events, 64, 1000);
    if (n < 0 && errno != EINTR) fail("epoll_wait");
    for (int i = 0; i < n; i++) {
      if (events[i].data.u32 == (uint32_t)TIMER) {
        uint64_t ignored;
        if (read(timer, &ignored, sizeof ignored) < 0 && errno != EAGAIN) fail("timerfd");
        continue;
      }
      struct connection *c = &all[events[i].data.u32];
      if (!take(c, &errors)) continue;
      answered++;
      if (c->due >= warm) {
        uint64_t moment = now();
        times[counted++] = moment - c->due;
        long window = (long)((moment - warm) / 250000000u);
        ends[window < windows ? window : windows - 1] = counted;
      }
      idle[(turn + idle_count++) % count] = (int)events[i].data.u32;
    }
    if (now() > limit) return fprintf(stderr, "fixedrate: %ld answers are missing\n", total - answered), 1;
  }
  double took = (double)(now() - warm) / 1e9;
  for (long w = 1; w < windows; w++)
    if (!ends[w]) ends[w] = ends[w - 1];
  double calm50 = calm(times, ends, windows, 0.5), calm99 = calm(times, ends, windows, 0.99);
  qsort(times, (size_t)counted, sizeof *times, by_size);
  printf("{\"requests\": %ld, \"seconds\": %.6f, \"errors\": %ld, \"p50\": %.1f, \"p99\": %.1f, \"p999\": %.1f, \"max\": %.1f, "
         "\"calm50\": %.1f, \"calm99\": %.1f}\n",
         counted, took, errors, microseconds(times, counted, 0.5), microseconds(times, counted, 0.99),
         microseconds(times, counted, 0.999), microseconds(times, counted, 1), calm50, calm99);
  return 0;
}
