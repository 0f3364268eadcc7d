// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The template data of an ima-batch record. The same source is part of the
 * kernel series; see record.h.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>
#include <asm/byteorder.h>

#include "record.h"

#define TPMB_LEGACY_NAME     "ima"
#define TPMB_LEGACY_NAME_LEN 3

/* The fields are byte strings: nothing in them is aligned. */
static void put_le32(u8 *to, u32 value)
{
	__le32 wire = cpu_to_le32(value);

	memcpy(to, &wire, sizeof(wire));
}

static u32 get_le32(const u8 *from)
{
	__le32 wire;

	memcpy(&wire, from, sizeof(wire));
	return le32_to_cpu(wire);
}

u32 tpmb_member_size(u32 name_len, u32 data_len)
{
	u64 size = (u64)TPMB_MEMBER_OVERHEAD + name_len + data_len;

	return size > U32_MAX ? 0 : (u32)size;
}

bool tpmb_member_nests(const u8 *name, u32 name_len)
{
	if (!name_len)
		return false;
	if (name_len == TPMB_LEGACY_NAME_LEN && !memcmp(name, TPMB_LEGACY_NAME, name_len))
		return false;
	if (name_len == TPMB_BATCH_NAME_LEN && !memcmp(name, TPMB_BATCH_NAME, name_len))
		return false;
	return true;
}

void tpmb_put_n_batch(u8 *field, u32 members)
{
	put_le32(field, members);
}

u32 tpmb_get_n_batch(const u8 *field)
{
	return get_le32(field);
}

u8 *tpmb_put_member(u8 *to, const u8 *name, u32 name_len, u32 data_len)
{
	put_le32(to, name_len);
	to += 4;
	memcpy(to, name, name_len);
	to += name_len;
	put_le32(to, data_len);
	return to + 4;
}

/* Takes a length and that many bytes off the front; NULL when they are not there. */
static const u8 *take_counted(const u8 **pos, const u8 *end, u32 *len)
{
	const u8 *bytes;

	if (end - *pos < 4)
		return NULL;
	*len = get_le32(*pos);
	bytes = *pos + 4;
	if ((u64)(end - bytes) < *len)
		return NULL;
	*pos = bytes + *len;
	return bytes;
}

int tpmb_next_member(const u8 **pos, const u8 *end, struct tpmb_batch_member *member)
{
	const u8 *at = *pos;

	member->name = take_counted(&at, end, &member->name_len);
	if (!member->name || !tpmb_member_nests(member->name, member->name_len))
		return -EBADMSG;
	member->data = take_counted(&at, end, &member->data_len);
	if (!member->data)
		return -EBADMSG;
	*pos = at;
	return 0;
}

int tpmb_check_batch(const u8 *n_batch, u32 n_len, const u8 *e_batch, u32 e_len, u32 *bad)
{
	const u8 *end = e_batch + e_len, *pos = e_batch;
	struct tpmb_batch_member member;
	u32 count, i;
	int ret = -EBADMSG;

	if (n_len != TPMB_N_BATCH_SIZE)
		goto out;
	count = tpmb_get_n_batch(n_batch);
	if (count < TPMB_BATCH_MIN_MEMBERS || count > e_len / TPMB_MEMBER_OVERHEAD)
		goto out;
	for (i = 0; i < count; i++) {
		if (tpmb_next_member(&pos, end, &member))
			goto out;
	}
	if (pos == end)
		ret = (int)count;
out:
	if (ret < 0 && bad)
		*bad = (u32)(pos - e_batch);
	return ret;
}
