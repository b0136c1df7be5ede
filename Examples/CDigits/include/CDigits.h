// The UCI handwritten digits; LICENSE.md beside the data names their authors.
#ifndef CDIGITS_H
#define CDIGITS_H

enum { digits_count = 1797, digits_pixels = 64 };

// Per image 64 pixels of 0 to 16, in rows from the top, and the digit: digits_count * (digits_pixels + 1) bytes.
const unsigned char *digits_data(void);

#endif
