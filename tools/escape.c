// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Escaping for terminals; see escape.h. */
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "escape.h"

/*
 * Printable in glibc's eyes, but without a glyph, or turning the text around
 * them (Unicode, general category Cf and the separators).
 */
static bool is_deceptive(wchar_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00ad, 0x00ad},   {0x061c, 0x061c},	{0x115f, 0x1160}, {0x180e, 0x180e},
		{0x200b, 0x200f},   {0x2028, 0x202e},	{0x2060, 0x206f}, {0x3164, 0x3164},
		{0xfe00, 0xfe0f},   {0xfeff, 0xfeff},	{0xffa0, 0xffa0}, {0xfff9, 0xfffb},
		{0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if ((uint32_t)c >= ranges[i].first && (uint32_t)c <= ranges[i].last)
			return true;
	return false;
}

/* Bytes of the printable character at @bytes; 0 where there is none. */
static size_t printable(const char *bytes, size_t len)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t got;

	if ((unsigned char)*bytes < 0x80)
		return *bytes >= ' ' && *bytes <= '~';
	got = mbrtowc(&c, bytes, len, &state);
	if (got == 0 || got > len) /* (size_t)-1 and -2 as well */
		return 0;
	return iswprint((wint_t)c) && !is_deceptive(c) ? got : 0;
}

void escape_print(FILE *out, const char *bytes, size_t len, enum escape_style style)
{
	while (len) {
		size_t size = printable(bytes, len);

		if (style == ESCAPE_COLUMN && *bytes == '\\') {
			fputs("\\\\", out);
		} else if (!size || (style == ESCAPE_COLUMN && *bytes == ' ')) {
			fprintf(out, "\\x%02x", (unsigned char)*bytes);
			size = 1;
		} else {
			fwrite(bytes, 1, size, out);
		}
		bytes += size;
		len -= size;
	}
}

/* Bytes of the UTF-8 sequence at @at, and its code point; 0 where it is none. */
static size_t utf8_sequence(const uint8_t *at, size_t len, uint32_t *code_point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code;
	size_t size;

	*code_point = *at;
	if (*at < 0x80)
		return 1;
	if (*at >= 0xc2 && *at <= 0xdf)
		size = 2;
	else if (*at >= 0xe0 && *at <= 0xef)
		size = 3;
	else if (*at >= 0xf0 && *at <= 0xf4)
		size = 4;
	else
		return 0;
	if (size > len)
		return 0;
	code = *at & (0xffu >> (size + 1));
	for (size_t i = 1; i < size; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*code_point = code;
	return size;
}

void escape_print_json(FILE *out, const char *json, size_t len)
{
	uint32_t code;
	size_t size;

	for (; len; json += size, len -= size) {
		size = utf8_sequence((const uint8_t *)json, len, &code);
		if (!size) {
			/* Only strings that are UTF-8 are put into JSON. */
			size = 1;
			code = 0xfffd;
		}
		if (code >= ' ' && code <= '~')
			putc((int)code, out);
		else if (code < 0x10000)
			fprintf(out, "\\u%04x", code);
		else
			fprintf(out, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10),
				0xdc00 + ((code - 0x10000) & 0x3ff));
	}
}

bool is_utf8_text(const char *bytes, size_t len)
{
	uint32_t code;
	size_t size;

	for (; len; bytes += size, len -= size) {
		size = *bytes ? utf8_sequence((const uint8_t *)bytes, len, &code) : 0;
		if (!size)
			return false;
	}
	return true;
}
