/* Copyright: Contributors to the homelab.media project
 * GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Debian's NZBGet is years older than the one it stands for. It calls an option that it has never heard of an
 * error, and then pauses all downloads. Options of its own that were given up it takes, with a warning, keeps and
 * gives back through its API. Loaded into the program, this makes it treat the newer version's options that way.
 * They have no effect.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One of the options that the program has given up. */
static const char given_up[] = "RetryOnCrcError";

static const char *const newer[] = {
    "ArticleReadChunkSize", "HardLinking",     "HardLinkingIgnoreExt", "RenameAfterUnpack",
    "RenameIgnoreExt",      "SystemHealthCheck", "UseTempUnpackDir",
};

static int same(const char *a, const char *b) { return strncasecmp(a, b, PTRDIFF_MAX) == 0; }

static int is_newer(const char *name)
{
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
        if (same(name, newer[i]))
            return 1;
    if (strncasecmp(name, "Server", 6) != 0)
        return 0;
    name += 6 + strspn(name + 6, "0123456789");
    return same(name, ".CertVerification");
}

int strcasecmp(const char *a, const char *b)
{
    if (same(b, given_up) && is_newer(a))
        return 0;
    return strncasecmp(a, b, PTRDIFF_MAX);
}

/* Only for the program itself, not for the unpackers that it starts. */
__attribute__((constructor)) static void alone(void) { unsetenv("LD_PRELOAD"); }
