/*
 * Load for a relay between WebSocket and TCP: the page's side and the node's side in one process, so that bytes are counted where
 * they arrive. In C, for what measures a relay must not be slower than the relay.
 *
 *   load MODE key=value...
 *
 *   up     the page floods, the node counts            {"mb_s": ...}
 *   down   the node floods, the page counts            {"mb_s": ...}
 *   rtt    the page waits for the node's echo          {"p50_us": ..., "p99_us": ...}
 *   stall  from=page|node floods a side that reads nothing until it is stuck; after a line on standard input the
 *          other side reads all of it                  {"swallowed_mb": ...}, then {"drained": true}
 *   idle   opens n connections, and holds them until standard input ends
 *
 *   relay=PORT  where the relay listens     sink=PORT  where the relay dials: the node's side listens there
 *   path=/ protocol=NAME   of the WebSocket; framing=tcp: none at all, for a relay of plain TCP
 *   size=BYTES  of one message or write     seconds=S warm=S     n=COUNT     cap=MB
 *
 * A message is a packet of the distribution protocol: 4 bytes of length, then 112 and zeros. The mask of the page's frames is not
 * zero, so a relay has to take it off.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1 << 18, HEADER_BYTES = 14, STUCK_MS = 2000 };

static int relay_port, sink_port, count = 1000;
static long size = 65536, cap_mb = 512;
static double seconds = 1, warm = 0.3;
static const char *path = "/", *protocol = "", *from = "page";
static bool framed = true;

static void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fprintf(stderr, " (%s)\n", strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* ---- sockets ---- */

static struct sockaddr_in loopback(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static void set_no_delay(int socket) {
  int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static int listen_at(int port) {
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address = loopback(port);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) fail("cannot listen at %d", port);
  return listener;
}

static int accept_one(int listener) {
  int socket = accept(listener, NULL, NULL);
  if (socket < 0) fail("accept");
  set_no_delay(socket);
  return socket;
}

static int dial(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = loopback(port);
  if (connect(fd, (struct sockaddr *)&address, sizeof address)) fail("cannot connect to %d", port);
  set_no_delay(fd);
  return fd;
}

static void write_all(int fd, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(fd, bytes, length);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write");
    bytes += written;
    length -= (size_t)written;
  }
}

/* ---- the page's side ---- */

static int open_page(void) {
  int fd = dial(relay_port);
  if (!framed) return fd;
  char text[4096];
  int length = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
                        path, relay_port, protocol);
  write_all(fd, (uint8_t *)text, (size_t)length);
  size_t got = 0;
  do {
    if (got == sizeof text - 1 || read(fd, text + got, 1) != 1) fail("no answer to the upgrade");
    got += 1;
    text[got] = 0;
  } while (got < 4 || strcmp(text + got - 4, "\r\n\r\n"));
  if (!strstr(text, " 101 ")) fail("the relay answers: %s", text);
  return fd;
}

/* One message as it goes over the wire; its length there. */
static size_t put_message(uint8_t *out, bool masked) {
  static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
  size_t at = 0, length = (size_t)size;
  if (masked) {
    out[at++] = 0x82;
    if (length < 126) out[at++] = (uint8_t)(0x80 | length);
    else if (length < 65536) {
      out[at++] = 0x80 | 126;
      out[at++] = (uint8_t)(length >> 8);
      out[at++] = (uint8_t)length;
    } else {
      out[at++] = 0x80 | 127;
      for (int shift = 56; shift >= 0; shift -= 8) out[at++] = (uint8_t)(length >> shift);
    }
    memcpy(out + at, mask, 4);
    at += 4;
  }
  uint8_t *payload = out + at;
  memset(payload, 0, length);
  for (int index = 0; index < 4; index++) payload[index] = (uint8_t)((length - 4) >> (24 - 8 * index));
  if (length > 4) payload[4] = 112;
  if (masked)
    for (size_t index = 0; index < length; index++) payload[index] ^= mask[index & 3];
  return at + length;
}

/* Counts the payload of a server's frames, which come in any pieces. */
struct frames {
  uint8_t head[10];
  int head_bytes;
  uint64_t left;
  bool is_data;
  uint64_t payload;
};

static void count_frames(struct frames *frames, const uint8_t *bytes, size_t length) {
  if (!framed) {
    frames->payload += length;
    return;
  }
  while (length > 0) {
    if (frames->left > 0) {
      size_t step = frames->left < length ? (size_t)frames->left : length;
      frames->left -= step;
      if (frames->is_data) frames->payload += step;
      bytes += step;
      length -= step;
      continue;
    }
    frames->head[frames->head_bytes++] = *bytes++;
    length -= 1;
    if (frames->head_bytes < 2) continue;
    int code = frames->head[1] & 127, extra = code == 126 ? 2 : code == 127 ? 8 : 0;
    if (frames->head_bytes < 2 + extra) continue;
    uint64_t left = extra == 0 ? (uint64_t)code : 0;
    for (int index = 0; index < extra; index++) left = left << 8 | frames->head[2 + index];
    frames->left = left;
    frames->is_data = (frames->head[0] & 15) <= 2;
    frames->head_bytes = 0;
    if ((frames->head[0] & 15) == 8) fail("the relay closes");
  }
}

/* ---- threads ---- */

static int page_fd, node_fd;
static _Atomic uint64_t arrived;

/* Writes messages for ever, many at once. */
static void *flood(void *argument) {
  bool is_page = argument != NULL;
  size_t one = (size_t)size + HEADER_BYTES, messages = CHUNK_BYTES / one + 1, length = 0;
  uint8_t *bytes = malloc(one * messages);
  for (size_t index = 0; index < messages; index++) length += put_message(bytes + length, is_page && framed);
  // The node writes as nodes do: one message at a time.
  size_t step = is_page ? length : length / messages;
  for (;;) write_all(is_page ? page_fd : node_fd, bytes, step);
  return NULL;
}

static void *count_at_node(void *argument) {
  (void)argument;
  uint8_t *bytes = malloc(CHUNK_BYTES);
  for (ssize_t got; (got = read(node_fd, bytes, CHUNK_BYTES)) > 0;) arrived += (uint64_t)got;
  return NULL;
}

static void *count_at_page(void *argument) {
  (void)argument;
  struct frames frames = {0};
  uint8_t *bytes = malloc(CHUNK_BYTES);
  for (ssize_t got; (got = read(page_fd, bytes, CHUNK_BYTES)) > 0;) {
    count_frames(&frames, bytes, (size_t)got);
    arrived = frames.payload;
  }
  return NULL;
}

static void *echo(void *argument) {
  (void)argument;
  uint8_t bytes[65536];
  for (ssize_t got; (got = read(node_fd, bytes, sizeof bytes)) > 0;) write_all(node_fd, bytes, (size_t)got);
  return NULL;
}

static void start(void *(*run)(void *), void *argument) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, run, argument)) fail("pthread_create");
}

/* ---- modes ---- */

static void measure_flow(bool up) {
  start(up ? count_at_node : count_at_page, NULL);
  start(flood, up ? &page_fd : NULL);
  usleep((useconds_t)(warm * 1e6));
  uint64_t before = arrived;
  double since = now();
  usleep((useconds_t)(seconds * 1e6));
  printf("{\"mb_s\": %.1f}\n", (double)(arrived - before) / 1e6 / (now() - since));
}

static int compare(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return difference < 0 ? -1 : difference > 0;
}

static void measure_rtt(void) {
  start(echo, NULL);
  uint8_t message[70000], bytes[70000];
  size_t length = put_message(message, framed);
  struct frames frames = {0};
  long most = 1 << 20, taken = 0;
  double *times = malloc((size_t)most * sizeof *times), begin = now();
  while (now() - begin < warm + seconds && taken < most) {
    double sent = now();
    uint64_t wanted = frames.payload + (uint64_t)size;
    write_all(page_fd, message, length);
    while (frames.payload < wanted) {
      ssize_t got = read(page_fd, bytes, sizeof bytes);
      if (got <= 0) fail("read");
      count_frames(&frames, bytes, (size_t)got);
    }
    if (sent - begin > warm) times[taken++] = (now() - sent) * 1e6;
  }
  qsort(times, (size_t)taken, sizeof *times, compare);
  printf("{\"p50_us\": %.1f, \"p99_us\": %.1f}\n", times[taken / 2], times[taken * 99 / 100]);
}

static void measure_stall(void) {
  bool up = !strcmp(from, "page");
  int fd = up ? page_fd : node_fd;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  uint8_t *message = malloc((size_t)size + HEADER_BYTES);
  size_t length = put_message(message, up && framed), at = 0;
  uint64_t sent = 0, cap = (uint64_t)cap_mb * 1000000;
  for (double last = now(); sent < cap && now() - last < STUCK_MS / 1e3;) {
    ssize_t written = write(fd, message + at, length - at);
    if (written > 0) {
      sent += (uint64_t)written;
      at = (at + (size_t)written) % length;
      last = now();
    } else {
      struct pollfd waiting = {.fd = fd, .events = POLLOUT};
      poll(&waiting, 1, 100);
    }
  }
  printf("{\"swallowed_mb\": %.1f}\n", (double)sent / 1e6);
  fflush(stdout);
  getchar();
  // Whole messages only: the last one may be cut.
  uint64_t wanted = sent / length * (uint64_t)size;
  start(up ? count_at_node : count_at_page, NULL);
  for (double since = now(); arrived < wanted && now() - since < 60;) usleep(1000);
  printf("{\"drained\": %s}\n", arrived >= wanted ? "true" : "false");
}

static void *accept_all(void *listener) {
  for (int index = 0; index < count; index++) accept_one(*(int *)listener);
  return NULL;
}

static void hold_idle(int listener) {
  pthread_t thread;
  pthread_create(&thread, NULL, accept_all, &listener);
  for (int index = 0; index < count; index++) open_page();
  pthread_join(thread, NULL);
  printf("{\"open\": %d}\n", count);
  fflush(stdout);
  while (getchar() != EOF);
}

static void parse(const char *argument) {
  const char *value = strchr(argument, '=');
  if (value == NULL) fail("what is %s?", argument);
  size_t length = (size_t)(value++ - argument);
  bool known = true;
#define IS(name) (length == strlen(name) && !strncmp(argument, name, length))
  if (IS("relay")) relay_port = atoi(value);
  else if (IS("sink")) sink_port = atoi(value);
  else if (IS("path")) path = value;
  else if (IS("protocol")) protocol = value;
  else if (IS("framing")) framed = strcmp(value, "tcp") != 0;
  else if (IS("size")) size = atol(value);
  else if (IS("seconds")) seconds = atof(value);
  else if (IS("warm")) warm = atof(value);
  else if (IS("n")) count = atoi(value);
  else if (IS("cap")) cap_mb = atol(value);
  else if (IS("from")) from = value;
  else known = false;
  if (!known) fail("what is %s?", argument);
}

int main(int argc, char **argv) {
  if (argc < 2) fail("load MODE key=value...");
  for (int index = 2; index < argc; index++) parse(argv[index]);
  const char *mode = argv[1];
  int listener = listen_at(sink_port);
  if (!strcmp(mode, "idle")) {
    hold_idle(listener);
    return 0;
  }
  page_fd = open_page();
  node_fd = accept_one(listener);
  if (!strcmp(mode, "up") || !strcmp(mode, "down")) measure_flow(!strcmp(mode, "up"));
  else if (!strcmp(mode, "rtt")) measure_rtt();
  else if (!strcmp(mode, "stall")) measure_stall();
  else fail("there is no mode %s", mode);
  fflush(stdout);
  _exit(0);
}
