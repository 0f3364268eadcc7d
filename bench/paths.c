// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdlib.h>
#include <unistd.h>

#include "paths.h"
#include "profile.h"

const char *path_delay_module(void)
{
	return access(BUILT_DELAY, R_OK) ? INSTALLED_DELAY : BUILT_DELAY;
}

const char *path_workloads(void)
{
	return access(SOURCE_WORKLOADS, R_OK) ? INSTALLED_WORKLOADS : SOURCE_WORKLOADS;
}

void path_find_chips(void)
{
	if (access(tpmb_profile_folder(), R_OK) && !access(SOURCE_CHIPS, R_OK))
		setenv("TPMBATCH_CHIPS", SOURCE_CHIPS, 0);
}
