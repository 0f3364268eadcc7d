// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Template data of ima-ng, the template that names a file and its digest. */
#include <errno.h>
#include <limits.h>

#include "lib_private.h"

TPMB_API int tpmb_ima_ng(const char *algo, const uint8_t *digest, size_t digest_len,
			 const char *path, uint8_t *data, size_t size)
{
	size_t algo_len = strlen(algo), path_len = strlen(path);
	size_t d_ng = algo_len + 2 + digest_len, n_ng = path_len + 1;
	uint8_t *name;

	if (!algo_len || strchr(algo, ':') || !digest_len || !path_len)
		return -EINVAL;
	if (d_ng > INT_MAX / 2 || n_ng > INT_MAX / 2 - 8 || size < 4 + d_ng + 4 + n_ng)
		return -EOVERFLOW;
	tpmb_put_u32(data, (uint32_t)d_ng, tpmb_native_order());
	memcpy(data + 4, algo, algo_len);
	memcpy(data + 4 + algo_len, ":", 2);
	memcpy(data + 4 + algo_len + 2, digest, digest_len);
	name = data + 4 + d_ng + 4;
	tpmb_put_u32(name - 4, (uint32_t)n_ng, tpmb_native_order());
	memcpy(name, path, n_ng);
	/* As IMA: a space would end the field in an ASCII list. */
	for (uint8_t *at = name; at < name + path_len; at++) {
		if (*at == ' ')
			*at = '_';
	}
	return (int)(4 + d_ng + 4 + n_ng);
}
