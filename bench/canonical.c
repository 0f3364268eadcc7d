// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "canonical.h"
#include "lib_private.h"

/*
 * A file read and hashed in the recorded guest: 62,468 files in 108.35 s on two processors
 * (premeasure-64-0ms), the TPM's own time not taken off. At most, therefore.
 */
#define GUEST_FILE_NS (2 * 108353000000u / 62468)

/*
 * The published experiment: 20,000 files, 12,313 measured, without a TPM in 31.71 s one
 * after the other and 15.84 s in parallel, on four processors. Twice as fast: two at a time.
 */
#define PUBLISHED_FILES	     20000
#define PUBLISHED_MEASURED   12313
#define PUBLISHED_PROCESSORS 4
#define SEQUENTIAL_NS	     31710000000u
#define PARALLEL_NS	     15840000000u

static const char *const names[] = {"boot-prompt",
				    "boot-1500",
				    "apps-5500",
				    "files-63000",
				    "files-63000-64",
				    "digest-cache-sequential",
				    "digest-cache-parallel",
				    NULL};

const char *const *canonical_names(void)
{
	return names;
}

static int load(const char *folder, const char *file, struct recording *recording)
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, file) >= sizeof(path))
		return -ENAMETOOLONG;
	return recording_load(path, recording);
}

static int make_apps(const char *folder, struct recording *recording)
{
	struct recording more;
	int ret = load(folder, "apps-0ms.zst", recording);

	if (ret)
		return ret;
	ret = load(folder, "premeasure-64-0ms.zst", &more);
	if (!ret) {
		ret = recording_fill(recording, &more, 5500);
		recording_free(&more);
	}
	return ret;
}

static int make_files(const char *folder, bool dealt, struct recording *recording)
{
	int ret = load(folder, "premeasure-64-0ms.zst", recording);

	if (!ret)
		ret = recording_cut_measurements(recording, 63000);
	if (!ret && dealt)
		ret = recording_deal(recording, 64, 0);
	return ret;
}

static int make_published(uint32_t tasks, uint64_t total_ns, struct canonical *canonical)
{
	uint64_t cost_ns = total_ns * tasks / PUBLISHED_FILES;

	canonical->spare_processors = PUBLISHED_PROCESSORS - tasks;
	canonical->file_ns = cost_ns;
	canonical->premeasure_after = RECORDED_NOTHING;
	return recording_make(&canonical->recording, PUBLISHED_FILES, PUBLISHED_MEASURED, tasks,
			      cost_ns);
}

static int make_boot(const char *folder, size_t measurements, struct recording *recording)
{
	int ret = load(folder, "apps-0ms.zst", recording);

	if (!ret && measurements)
		ret = recording_cut_measurements(recording, measurements);
	else if (!ret && recording->prompt != RECORDED_NOTHING)
		recording_cut(recording, recording->prompt + 1);
	return ret;
}

int canonical_load(const char *folder, const char *name, struct canonical *canonical)
{
	struct recording *recording = &canonical->recording;
	const char *dot = strrchr(name, '.');
	size_t number = 0;
	int ret;

	/* In a guest of two processors the boot keeps one. Entry 1 is the first file of the
	 * root file system. */
	*canonical = (struct canonical){.name = name,
					.spare_processors = 1,
					.file_ns = GUEST_FILE_NS,
					.premeasure_after = 1};
	while (names[number] && strcmp(names[number], name))
		number++;
	switch (number) {
	case 0:
		ret = make_boot(folder, 0, recording);
		break;
	case 1:
		ret = make_boot(folder, 1500, recording);
		break;
	case 2:
		ret = make_apps(folder, recording);
		break;
	case 3:
	case 4:
		canonical->spare_processors = 0;
		ret = make_files(folder, number == 4, recording);
		break;
	case 5:
		ret = make_published(1, SEQUENTIAL_NS, canonical);
		break;
	case 6:
		ret = make_published(2, PARALLEL_NS, canonical);
		break;
	default:
		if (dot && !strcmp(dot, ".zst")) {
			ret = recording_load(name, recording);
		} else {
			tpmb_msg("%s: no workload; expected one of --list, or a file.zst", name);
			ret = -ENOENT;
		}
	}
	if (!ret && recording->count <= 1)
		canonical->premeasure_after = RECORDED_NOTHING;
	if (ret)
		recording_free(recording);
	return ret;
}
