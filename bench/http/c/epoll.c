// The bar: an HTTP server in C on epoll, edge-triggered, one thread. It does what package raw does, with the same search
// for the end of a head, and is stopped through its standard input. recv and send cost the kernel a few percent less
// than read and write, which find out first what kind of file they are for.
//
//	epoll [-cpu N]
//
// The first line that it prints is "listening on HOST:PORT".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!"
#define ANSWER_LENGTH (sizeof ANSWER - 1)

enum {
	buffer_size = 4096, // the room for the requests of one connection, and the longest head that is served
	batch = 64,         // answers that one write can carry
	max_events = 512,
};

struct conn {
	int fd;
	int have;    // bytes in buf
	long unsent; // bytes of answers owed since the socket was full
	int last;    // the client has sent all it will: read until there is no more
	char buf[buffer_size];
};

static char answers[batch * ANSWER_LENGTH];
static int epfd;

static void die(const char *what) {
	perror(what);
	exit(1);
}

static void hang_up(struct conn *c) {
	close(c->fd);
	free(c);
}

// head_length returns where the first empty line ends, 0 if there is none yet. It looks at every fourth byte, as Boyer and
// Moore do, and goes slower only near a line's end.
static int head_length(const char *b, int n) {
	for (int i = 3; i < n;) {
		if (b[i] > '\r') {
			i += 4;
		} else if (b[i] == '\n') {
			if (b[i - 1] == '\r' && b[i - 2] == '\n' && b[i - 3] == '\r')
				return i + 1;
			i += 2;
		} else {
			i += b[i] == '\r' ? 1 : 4;
		}
	}
	return 0;
}

// heads counts the complete heads and says where the last of them ends.
static long heads(const char *b, int n, int *end) {
	long found = 0;
	int length;
	for (*end = 0; (length = head_length(b + *end, n - *end)) > 0; *end += length)
		found++;
	return found;
}

// flush writes the answers owed, as far as the socket takes them. Where the last one was cut off, the next write
// goes on in the middle of an answer. It returns -1 if the connection is broken.
static int flush(struct conn *c) {
	while (c->unsent > 0) {
		long into = (ANSWER_LENGTH - c->unsent % ANSWER_LENGTH) % ANSWER_LENGTH;
		long size = sizeof answers - into;
		if (size > c->unsent)
			size = c->unsent;
		ssize_t n = send(c->fd, answers + into, size, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		c->unsent -= n;
		if (n < size)
			return 0; // full: an event will say when it is not
	}
	return 0;
}

// serve does all that can be done on a connection without waiting.
static void serve(struct conn *c) {
	for (;;) {
		if (flush(c) < 0)
			return hang_up(c);
		if (c->unsent > 0)
			return; // nobody is read from who does not read
		if (c->have == buffer_size)
			return hang_up(c);
		int room = buffer_size - c->have;
		ssize_t n = recv(c->fd, c->buf + c->have, room, 0);
		if (n < 0) {
			if (errno != EAGAIN)
				hang_up(c);
			return;
		}
		if (n == 0)
			return hang_up(c);
		c->have += n;
		int end;
		c->unsent = heads(c->buf, c->have, &end) * ANSWER_LENGTH;
		c->have -= end;
		if (c->have > 0 && end > 0)
			memmove(c->buf, c->buf + end, c->have);
		if (flush(c) < 0)
			return hang_up(c);
		// After a short read the next one would only say EAGAIN, unless the client has hung up, which is an event of its own.
		if (n < room && c->unsent == 0 && !c->last)
			return;
	}
}

static void watch(int fd, uint32_t events, void *owner) {
	struct epoll_event ev = {.events = events, .data.ptr = owner};
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &ev) < 0)
		die("epoll_ctl");
}

static void accept_all(int listener) {
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0) {
			if (errno == EAGAIN)
				return;
			if (errno == EINTR || errno == ECONNABORTED)
				continue;
			die("accept4");
		}
		int on = 1;
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		struct conn *c = malloc(sizeof *c);
		if (c == NULL)
			die("malloc");
		c->fd = fd;
		c->have = c->last = 0;
		c->unsent = 0;
		watch(fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, c);
	}
}

// listen_anywhere returns a socket that listens on a free port of the loopback address, and says which.
static int listen_anywhere(void) {
	struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof addr;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, SOMAXCONN) < 0)
		die("listen");
	if (getsockname(fd, (struct sockaddr *)&addr, &length) < 0)
		die("getsockname");
	printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
	fflush(stdout);
	return fd;
}

static void prepare(int argc, char **argv) {
	int cpu = argc == 3 && strcmp(argv[1], "-cpu") == 0 ? atoi(argv[2]) : -1;
	if (cpu >= 0) {
		cpu_set_t set;
		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		if (sched_setaffinity(0, sizeof set, &set) < 0)
			die("sched_setaffinity");
	}
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("setrlimit");
	for (int i = 0; i < batch; i++)
		memcpy(answers + i * ANSWER_LENGTH, ANSWER, ANSWER_LENGTH);
}

int main(int argc, char **argv) {
	static int input, listener; // their addresses tell their events from those of connections
	prepare(argc, argv);
	epfd = epoll_create1(EPOLL_CLOEXEC);
	if (epfd < 0)
		die("epoll_create1");
	listener = listen_anywhere();
	watch(listener, EPOLLIN, &listener);
	watch(STDIN_FILENO, EPOLLIN, &input);
	for (;;) {
		struct epoll_event events[max_events];
		int n = epoll_wait(epfd, events, max_events, -1);
		if (n < 0 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < n; i++) {
			void *owner = events[i].data.ptr;
			if (owner == &listener) {
				accept_all(listener);
			} else if (owner == &input) {
				char ignored[64];
				if (read(STDIN_FILENO, ignored, sizeof ignored) <= 0)
					return 0;
			} else {
				struct conn *c = owner;
				if (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
					c->last = 1;
				serve(c);
			}
		}
	}
}
