// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"
#include "record.h"
#include "waits.h"

int waits_new(struct waits *waits, size_t room)
{
	*waits = (struct waits){.waits = calloc(room + 1, sizeof(*waits->waits)), .room = room};
	return waits->waits ? 0 : -ENOMEM;
}

void waits_free(struct waits *waits)
{
	free(waits->waits);
	memset(waits, 0, sizeof(*waits));
}

size_t waits_begin(struct waits *waits, uint64_t now_ns, uint64_t extends)
{
	if (waits->count == waits->room)
		abort();
	waits->waits[waits->count] = (struct wait){.start_ns = now_ns, .before = extends};
	return waits->count++;
}

void waits_end(struct waits *waits, size_t number, uint64_t now_ns, uint64_t extends)
{
	waits->waits[number].end_ns = now_ns;
	waits->waits[number].after = extends;
}

/* A record: what came back with the same extend. */
struct committed {
	uint64_t bytes;	     /* of its members */
	uint32_t first_size; /* of the one of them that came first */
	bool alone;
};

static struct committed *collect(const struct waits *waits, uint64_t extends)
{
	struct committed *records = calloc(extends + 1, sizeof(*records));

	for (size_t i = 0; records && i < waits->count; i++) {
		const struct wait *wait = &waits->waits[i];
		struct committed *record = &records[wait->after];

		if (!record->bytes)
			record->first_size = wait->member_size;
		record->bytes += wait->member_size;
		record->alone |= wait->alone;
	}
	return records;
}

/* The oldest of what was left did not fit, or one of the two may be in no batch. */
static bool is_full(const struct committed *record, uint32_t batch_max)
{
	return record->alone || record[1].alone ||
	       TPMB_BATCH_OVERHEAD + record->bytes + record[1].first_size > batch_max;
}

int waits_check(const struct waits *waits, uint32_t batch_max, struct waits_summary *summary)
{
	struct committed *records;
	uint64_t extends = 0;
	int ret = 0;

	memset(summary, 0, sizeof(*summary));
	for (size_t i = 0; i < waits->count; i++) {
		const struct wait *wait = &waits->waits[i];

		if (wait->end_ns - wait->start_ns > summary->max_ns)
			summary->max_ns = wait->end_ns - wait->start_ns;
		if (wait->after - wait->before > summary->max_extends)
			summary->max_extends = wait->after - wait->before;
		if (wait->after > extends)
			extends = wait->after;
	}
	if (!batch_max)
		return 0;
	records = collect(waits, extends);
	if (!records)
		return -ENOMEM;
	for (size_t i = 0; !ret && i < waits->count; i++) {
		const struct wait *wait = &waits->waits[i];

		/* The first that ends may have been in flight, the last is its own. */
		for (uint64_t e = wait->before + 2; e < wait->after; e++) {
			if (!is_full(&records[e], batch_max)) {
				tpmb_msg("measurement %zu waited for %" PRIu64
					 " extends, of which number %" PRIu64
					 " was neither in flight, nor its own, nor full",
					 i + 1, wait->after - wait->before, e);
				ret = -EBADE;
				break;
			}
			if (e - wait->before - 1 > summary->max_full)
				summary->max_full = e - wait->before - 1;
		}
	}
	free(records);
	return ret;
}
