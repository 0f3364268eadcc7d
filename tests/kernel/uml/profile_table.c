// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * usage: profile_table PROFILE.ini... >profiles.c
 *
 * Profiles as C for the rig's kernel. driver/profile.c reads them, so that a
 * profile means here what it means everywhere else.
 */
#include <inttypes.h>
#include <stdio.h>

#include "lib_private.h"
#include "profile.h"

static void on_message(void *arg, const char *line)
{
	(void)arg;
	fprintf(stderr, "profile_table: %s\n", line);
}

/* Each field of both structures; all are integers. */
static void print(const struct tpmb_profile *p)
{
	printf("\t{\n\t\t.name = \"%s\",\n\t\t.chip = {\n", p->name);
#define CHIP(field) printf("\t\t\t." #field " = %" PRIu64 "u,\n", (uint64_t)p->chip.field)
	CHIP(map);
	CHIP(tpm2);
	CHIP(csum);
	CHIP(vendor_id);
	CHIP(device_id);
	CHIP(revision);
	CHIP(burst_bytes);
	CHIP(burst_static);
	CHIP(full_stalls);
	CHIP(write_byte_ns);
	CHIP(read_byte_ns);
	CHIP(read_stalls);
	CHIP(grant_ns);
	CHIP(ready_ns);
	CHIP(abort_executes);
	CHIP(ready_direct);
	CHIP(extend_us);
	CHIP(other_us);
	CHIP(jitter_us);
	CHIP(seed);
	CHIP(poll_effect);
	CHIP(poll_min_us);
	CHIP(poll_restart_us);
	CHIP(settle_us);
	CHIP(sts_ones_ns);
	CHIP(quick_ready_us);
	CHIP(ready_slow_us);
	CHIP(ready_slow_every);
	CHIP(burst_zero_read);
	printf("\t\t},\n\t\t.bus = {\n");
#define BUS(field) printf("\t\t\t." #field " = %" PRIu64 "u,\n", (uint64_t)p->bus.field)
	BUS(type);
	BUS(byte_ns);
	BUS(frame_ns);
	printf("\t\t},\n\t},\n");
}

int main(int argc, char **argv)
{
	tpmb_set_message_handler(on_message, NULL);
	printf("#include \"rig.h\"\n\nconst struct rig_profile rig_profiles[] = {\n");
	for (int i = 1; i < argc; i++) {
		struct tpmb_profile profile;

		if (tpmb_profile_load(argv[i], &profile))
			return 1;
		print(&profile);
	}
	printf("\t{},\n};\n");
	return 0;
}
