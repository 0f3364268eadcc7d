// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/mount.h>

#include "suspend.h"

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int suspend_init(void)
{
	int ret;

	if (mount("tracefs", TRACE_DIR, "tracefs", 0, NULL) && errno != EBUSY)
		return -errno;
	ret = put(TRACE_DIR "/buffer_size_kb", "16384");
	/* A count of events: in a resume from RAM 7.3's clocks are ahead by the time asleep. */
	if (!ret)
		ret = put(TRACE_DIR "/trace_clock", "counter");
	if (!ret)
		ret = put(TRACE_DIR "/events/power/suspend_resume/enable", "1");
	if (ret)
		return ret;
	ret = put(TRACE_DIR "/events/ima_batch/enable", "1");
	if (ret && ret != -ENOENT)
		return ret;
	/* How long a tested stage lasts; five seconds else. */
	return put("/sys/module/suspend/parameters/pm_test_delay", "1");
}

int suspend_in_turn(const char *stages, bool (*going_on)(void))
{
	char *copy = strdup(stages), *stage, *rest = NULL;
	bool real;
	int count, ret;

	if (!copy)
		return -1;
	for (count = 0; going_on(); count++) {
		stage = strtok_r(rest ? NULL : copy, ",", &rest);
		if (!stage) {
			strcpy(copy, stages);
			stage = strtok_r(copy, ",", &rest);
		}
		usleep(300000);
		real = !strcmp(stage, "mem");
		ret = put("/sys/power/pm_test", real ? "none" : stage);
		if (!ret && real)
			ret = put("/sys/class/rtc/rtc0/wakealarm", "+2");
		if (!ret)
			ret = put("/sys/power/state", "mem");
		if (ret) {
			printf("tpmbatch load: suspend, stage %s: %s\n", stage, strerror(-ret));
			count = -1;
			break;
		}
	}
	free(copy);
	return count;
}
