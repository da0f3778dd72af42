/* A mail relay that takes everything as fast as one core can, and answers after a delay.
 *
 * sink PORT_FILE DELAY_MICROSECONDS FOLDER: listens on a free port of loopback, which it writes to PORT_FILE.
 * Replies leave DELAY after their commands came, all that came together at once, as over a long wire. A
 * mail to an address that begins with "keep" is written to FOLDER as it came, final dot and all. Of other
 * mails all but the end is dropped unread, by the size that MAIL names: a copy would make this the limit.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { ROOM = 1 << 18, END = 1 << 16, MOST = 4096, REPLIES = 2048, DUE = 1 << 14 };

struct conversation {
    char in[ROOM + 1];
    size_t length;
    char replies[REPLIES];
    size_t said;
    int in_mail, kept, keeps;
    long long size, unread, skip, number;
    /* size: as MAIL named it; unread: bytes to drop; skip: bytes of a BDAT still to come */
};

struct due {
    long long at, number;
    int fd;
    size_t length;
    char text[REPLIES];
};

static struct conversation *conversations[MOST];
static struct due *queue;
static size_t first, last;
static long long delay, numbers;
static int timer, epoll, mails;
static const char *folder;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void say(struct conversation *with, const char *text) {
    size_t length = strlen(text);
    if (with->said + length > REPLIES) exit(2);
    memcpy(with->replies + with->said, text, length);
    with->said += length;
}

static void set_timer(void) {
    struct itimerspec when = {0};
    if (first != last) {
        long long at = queue[first % DUE].at;
        when.it_value.tv_sec = at / 1000000000LL;
        when.it_value.tv_nsec = at % 1000000000LL;
    }
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void hang_up(int fd) {
    if (conversations[fd] && conversations[fd]->kept > 0) close(conversations[fd]->kept);
    free(conversations[fd]);
    conversations[fd] = NULL;
    close(fd);
}

static void send_now(int fd, const char *text, size_t length) {
    if (send(fd, text, length, MSG_NOSIGNAL) < 0 && errno != EPIPE && errno != ECONNRESET) die("send");
}

static void answer(int fd) {
    struct conversation *with = conversations[fd];
    if (!with->said) return;
    if (!delay) {
        send_now(fd, with->replies, with->said);
    } else {
        struct due *due = &queue[last++ % DUE];
        due->at = now() + delay;
        due->fd = fd;
        due->number = with->number;
        due->length = with->said;
        memcpy(due->text, with->replies, with->said);
        if (last - first == 1) set_timer();
    }
    with->said = 0;
}

static void send_due(void) {
    for (; first != last && queue[first % DUE].at <= now(); first++) {
        struct due *due = &queue[first % DUE];
        struct conversation *with = conversations[due->fd];
        if (with && with->number == due->number) send_now(due->fd, due->text, due->length);
    }
    set_timer();
}

static void begin_mail(struct conversation *with) {
    char path[4096];
    with->in_mail = 1;
    with->unread = with->size - END;
    if (!with->keeps) return;
    with->unread = 0;
    snprintf(path, sizeof path, "%s/%d.mail", folder, ++mails);
    with->kept = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    if (with->kept < 0) die(path);
}

static void keep(struct conversation *with, const char *data, size_t length) {
    if (with->kept > 0 && write(with->kept, data, length) != (ssize_t)length) die("write");
}

static void end_mail(struct conversation *with) {
    if (with->kept > 0) close(with->kept);
    with->kept = with->keeps = with->in_mail = 0;
    say(with, "250 taken\r\n");
}

static void command(struct conversation *with, const char *line) {
    if (!strncasecmp(line, "EHLO", 4))
        say(with, "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-CHUNKING\r\n250 SIZE 104857600\r\n");
    else if (!strncasecmp(line, "DATA", 4)) {
        say(with, "354 go ahead\r\n");
        begin_mail(with);
    } else if (!strncasecmp(line, "QUIT", 4))
        say(with, "221 bye\r\n");
    else {
        const char *size = strcasestr(line, " SIZE=");
        if (!strncasecmp(line, "MAIL", 4)) with->size = size ? atoll(size + 6) : 0;
        if (!strncasecmp(line, "RCPT TO:<keep", 13)) with->keeps = 1;
        say(with, "250 ok\r\n");
    }
}

/* Take what is whole of the buffer and leave the rest at its start. */
static void take(struct conversation *with) {
    char *at = with->in, *end = with->in + with->length, *found;
    while (at < end) {
        if (with->in_mail) {
            found = memmem(at, end - at, "\r\n.\r\n", 5);
            if (!found) {
                size_t sure = end - at > 4 ? end - at - 4 : 0;
                keep(with, at, sure);
                with->unread -= sure;
                at += sure;
                break;
            }
            keep(with, at, found + 5 - at);
            at = found + 5;
            end_mail(with);
        } else if (with->skip) {
            long long count = end - at < with->skip ? end - at : with->skip;
            keep(with, at, count);
            with->unread -= count;
            at += count;
            if (!(with->skip -= count)) end_mail(with);
        } else {
            found = memchr(at, '\n', end - at);
            if (!found) break;
            *found = 0;
            if (!strncasecmp(at, "BDAT ", 5)) {
                with->skip = atoll(at + 5);
                begin_mail(with);
                with->in_mail = 0;
                if (with->unread > with->skip - END) with->unread = with->skip - END;
            } else
                command(with, at);
            at = found + 1;
        }
    }
    if (with->in_mail || with->skip) with->unread -= end - at;
    with->length = end - at;
    memmove(with->in, at, with->length);
}

static void hear(int fd) {
    struct conversation *with = conversations[fd];
    int drops = (with->in_mail || with->skip) && with->unread > 0;
    ssize_t count = drops ? recv(fd, with->in, with->unread, MSG_TRUNC)
                          : recv(fd, with->in + with->length, ROOM - with->length, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        hang_up(fd);
        return;
    }
    if (drops) {
        with->unread -= count;
        if (with->skip) with->skip -= count;
        return;
    }
    with->length += count;
    take(with);
    answer(fd);
}

static void greet(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
    struct epoll_event event = {.events = EPOLLIN};
    if (fd < 0 || fd >= MOST) die("accept");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    conversations[fd] = calloc(1, sizeof(struct conversation));
    conversations[fd]->number = ++numbers;
    event.data.fd = fd;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    say(conversations[fd], "220 sink\r\n");
    answer(fd);
}

static int listening(const char *port_file) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    FILE *file;
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 512)) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &length);
    file = fopen(port_file, "w");
    if (!file) die(port_file);
    fprintf(file, "%d\n", ntohs(address.sin_port));
    fclose(file);
    return listener;
}

int main(int count, char **given) {
    struct epoll_event event = {.events = EPOLLIN}, events[256];
    int listener;
    if (count != 4) return 2;
    delay = atoll(given[2]) * 1000;
    folder = given[3];
    queue = calloc(DUE, sizeof *queue);
    listener = listening(given[1]);
    epoll = epoll_create1(0);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    event.data.fd = listener;
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = timer;
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) greet(listener);
            else if (fd == timer) send_due();
            else if (conversations[fd]) hear(fd);
        }
    }
}
