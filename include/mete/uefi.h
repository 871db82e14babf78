/* The port of libmete_dlmalloc.a for UEFI, beside mete/port.h: an application or driver tells it
 * where the firmware is before it allocates, and a driver that is unloaded leaves nothing behind.
 * To be compiled for Windows, whose calling convention UEFI has on x86-64. */

#ifndef METE_UEFI_H
#define METE_UEFI_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* From now on pages come from the boot services of this EFI_SYSTEM_TABLE. The arguments are those
 * of the entry point. Until ExitBootServices, and at TPL_NOTIFY or below. */
void mete_uefi_start(void* image, void* system_table);

/* Pages of 4 KiB that are taken from the firmware, the records of them included. */
size_t mete_uefi_pages(void);

/* Gives every page back, whatever is in use in them (C20): no block and no space is left. */
void mete_uefi_release_all(void);

#ifdef __cplusplus
}
#endif

#endif
