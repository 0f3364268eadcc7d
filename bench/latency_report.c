// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <json-c/json.h>

#include "bank.h"
#include "latency.h"
#include "lib_private.h"

#define BAR_WIDTH 50

int latency_summarise(struct latency *latency)
{
	size_t count = latency->count;
	uint64_t *values = calloc(count, sizeof(*values));

	if (!values)
		return -ENOMEM;
	for (int phase = 0; latency->has_phases && phase < TPMB_PHASE_COUNT; phase++) {
		for (size_t i = 0; i < count; i++)
			values[i] = latency->commands[i].phases.ns[phase];
		distribution_take(values, count, &latency->phase[phase]);
	}
	for (size_t i = 0; i < count; i++)
		values[i] = latency->commands[i].total_ns;
	distribution_take(values, count, &latency->total);
	histogram_take(values, count, &latency->histogram);
	free(values);
	return 0;
}

/* ---- what a result has to name ---- */

struct about {
	struct utsname kernel;
	char cpu[128];
	char driver[64], bus[64]; /* of the TPM in the kernel; empty where it is not there */
};

static void read_cpu(char *cpu, size_t size)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];
	char *value;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "model name", 10) && (value = strchr(line, ':'))) {
			value[strcspn(value, "\n")] = '\0';
			snprintf(cpu, size, "%s", value + strspn(value, ": "));
			break;
		}
	if (file)
		fclose(file);
}

/* The last part of what a link in sysfs points to. */
static void read_link(unsigned int tpm, const char *link, char *name, size_t size)
{
	char path[96], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/class/tpm/tpm%u/device/%s", tpm, link);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return;
	target[len] = '\0';
	snprintf(name, size, "%.*s", (int)size - 1,
		 strrchr(target, '/') ? strrchr(target, '/') + 1 : target);
}

static void read_about(const struct latency *latency, struct about *about)
{
	const char *number = strstr(latency->tpm->name, "/dev/tpm");
	unsigned int tpm;

	memset(about, 0, sizeof(*about));
	uname(&about->kernel);
	snprintf(about->cpu, sizeof(about->cpu), "%s", about->kernel.machine);
	read_cpu(about->cpu, sizeof(about->cpu));
	if (number) {
		number += strcspn(number, "0123456789");
		tpm = (unsigned int)strtoul(number, NULL, 10);
		read_link(tpm, "driver", about->driver, sizeof(about->driver));
		read_link(tpm, "subsystem", about->bus, sizeof(about->bus));
	}
}

/* ---- for people ---- */

struct unit {
	const char *name;
	double ns;
};

static struct unit unit_of(const struct latency *latency)
{
	return latency->total.p50_ns < 1000000 ? (struct unit){"us", 1e3}
					       : (struct unit){"ms", 1e6};
}

static void print_distribution(const char *name, const struct distribution *d, double unit)
{
	printf("%-9s %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f\n", name, d->mean_ns / unit,
	       (double)d->min_ns / unit, (double)d->p10_ns / unit, (double)d->p50_ns / unit,
	       (double)d->p90_ns / unit, (double)d->p99_ns / unit, (double)d->p999_ns / unit,
	       (double)d->max_ns / unit);
}

static void print_histogram(const struct histogram *h, struct unit unit)
{
	size_t most = 1;

	printf("\n%s\n", unit.name);
	for (size_t i = 0; i < h->bins; i++)
		if (h->count[i] > most)
			most = h->count[i];
	for (size_t i = 0; i < h->bins; i++) {
		int bar = (int)((h->count[i] * BAR_WIDTH + most - 1) / most);

		printf("%9.3f %8zu %.*s\n", (double)(h->from_ns + i * h->width_ns) / unit.ns,
		       h->count[i], bar, "##################################################");
	}
	if (h->above)
		printf("    above %8zu\n", h->above);
}

void latency_print(const struct latency *latency)
{
	const struct tpm_identity *identity = &latency->identity;
	const struct tpm_under_test *tpm = latency->tpm;
	const struct timed_command *last = &latency->commands[latency->count - 1];
	struct unit unit = unit_of(latency);
	struct about about;
	int bank;

	read_about(latency, &about);
	printf("TPM      %s %s, firmware %u.%u.%u.%u, specification %u.%02u\n",
	       identity->manufacturer, identity->vendor, identity->firmware[0] >> 16,
	       identity->firmware[0] & 0xffff, identity->firmware[1] >> 16,
	       identity->firmware[1] & 0xffff, identity->revision / 100, identity->revision % 100);
	printf("through  %s%s%s%s%s\n", tpm->name, *about.driver ? ", driver " : "", about.driver,
	       *about.bus ? " on " : "", about.bus);
	printf("machine  Linux %s, %s\n", about.kernel.release, about.cpu);
	printf("PCR      %u in", tpm->pcr);
	tpmb_for_each_bank(bank, tpm->banks)
		printf(" %s", tpmb_bank_name((enum tpmb_bank)bank));
	printf("%s\n", tpm->resets ? "; reset before and after" : "");
	printf("extends  %zu, one after the other, in %.3f s%s\n\n", latency->count,
	       (double)(last->start_ns + last->total_ns) / 1e9,
	       latency->virtual_time ? " of virtual time" : "");
	printf("%-9s %9s %9s %9s %9s %9s %9s %9s %9s\n", unit.name, "mean", "least", "10 %", "50 %",
	       "90 %", "99 %", "99.9 %", "most");
	print_distribution("extend", &latency->total, unit.ns);
	for (int phase = 0; latency->has_phases && phase < TPMB_PHASE_COUNT; phase++) {
		char name[16];

		snprintf(name, sizeof(name), " %s", tpmb_phase_name((enum tpmb_phase)phase));
		print_distribution(name, &latency->phase[phase], unit.ns);
	}
	print_histogram(&latency->histogram, unit);
}

/* ---- for programs ---- */

void latency_write_csv(const struct latency *latency, FILE *out)
{
	fputs("extend,start_ns,total_ns", out);
	for (int phase = 0; latency->has_phases && phase < TPMB_PHASE_COUNT; phase++)
		fprintf(out, ",%s_ns", tpmb_phase_name((enum tpmb_phase)phase));
	fputc('\n', out);
	for (size_t i = 0; i < latency->count; i++) {
		const struct timed_command *command = &latency->commands[i];

		fprintf(out, "%zu,%" PRIu64 ",%" PRIu64, i + 1, command->start_ns,
			command->total_ns);
		for (int phase = 0; latency->has_phases && phase < TPMB_PHASE_COUNT; phase++)
			fprintf(out, ",%" PRIu64, command->phases.ns[phase]);
		fputc('\n', out);
	}
}

static void add_int(json_object *to, const char *key, uint64_t value)
{
	json_object_object_add(to, key, json_object_new_int64((int64_t)value));
}

static void add_text(json_object *to, const char *key, const char *value)
{
	json_object_object_add(to, key, *value ? json_object_new_string(value) : NULL);
}

static json_object *distribution_json(const struct distribution *d)
{
	json_object *object = json_object_new_object();

	add_int(object, "mean", (uint64_t)(d->mean_ns + 0.5));
	add_int(object, "deviation", (uint64_t)(d->deviation_ns + 0.5));
	add_int(object, "min", d->min_ns);
	add_int(object, "p1", d->p1_ns);
	add_int(object, "p10", d->p10_ns);
	add_int(object, "p50", d->p50_ns);
	add_int(object, "p90", d->p90_ns);
	add_int(object, "p99", d->p99_ns);
	add_int(object, "p99_9", d->p999_ns);
	add_int(object, "max", d->max_ns);
	return object;
}

static json_object *histogram_json(const struct histogram *h)
{
	json_object *bins = json_object_new_array();

	for (size_t i = 0; i < h->bins + !!h->above; i++) {
		json_object *bin = json_object_new_object();

		add_int(bin, "from_ns", h->from_ns + i * h->width_ns);
		if (i < h->bins)
			add_int(bin, "to_ns", h->from_ns + (i + 1) * h->width_ns);
		add_int(bin, "count", i < h->bins ? h->count[i] : h->above);
		json_object_array_add(bins, bin);
	}
	return bins;
}

static json_object *tpm_json(const struct latency *latency)
{
	const struct tpm_identity *identity = &latency->identity;
	json_object *object = json_object_new_object(), *banks = json_object_new_array();
	char firmware[64];
	int bank;

	snprintf(firmware, sizeof(firmware), "%u.%u.%u.%u", identity->firmware[0] >> 16,
		 identity->firmware[0] & 0xffff, identity->firmware[1] >> 16,
		 identity->firmware[1] & 0xffff);
	add_text(object, "name", latency->tpm->name);
	add_text(object, "manufacturer", identity->manufacturer);
	add_text(object, "vendor", identity->vendor);
	add_text(object, "firmware", firmware);
	add_int(object, "revision", identity->revision);
	add_int(object, "pcr", latency->tpm->pcr);
	tpmb_for_each_bank(bank, latency->tpm->banks)
		json_object_array_add(banks,
				      json_object_new_string(tpmb_bank_name((enum tpmb_bank)bank)));
	json_object_object_add(object, "banks", banks);
	json_object_object_add(object, "reset", json_object_new_boolean(latency->tpm->resets));
	return object;
}

void latency_write_json(const struct latency *latency, FILE *out)
{
	json_object *root = json_object_new_object(), *phases = NULL;
	struct about about;

	read_about(latency, &about);
	json_object_object_add(root, "tpm", tpm_json(latency));
	add_text(root, "driver", about.driver);
	add_text(root, "bus", about.bus);
	add_text(root, "kernel", about.kernel.release);
	add_text(root, "cpu", about.cpu);
	add_text(root, "version", tpmb_version());
	json_object_object_add(root, "virtual_time",
			       json_object_new_boolean(latency->virtual_time));
	add_int(root, "extends", latency->count);
	json_object_object_add(root, "extend_ns", distribution_json(&latency->total));
	if (latency->has_phases) {
		phases = json_object_new_object();
		for (int phase = 0; phase < TPMB_PHASE_COUNT; phase++)
			json_object_object_add(phases, tpmb_phase_name((enum tpmb_phase)phase),
					       distribution_json(&latency->phase[phase]));
	}
	json_object_object_add(root, "phases_ns", phases);
	json_object_object_add(root, "histogram", histogram_json(&latency->histogram));
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(root);
}
