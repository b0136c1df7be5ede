#include "CDigits.h"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const unsigned char data[digits_count * (digits_pixels + 1)] = {
#embed "digits.bin"
};

const unsigned char *digits_data(void) { return data; }
