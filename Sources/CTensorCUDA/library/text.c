#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void st_text_add(text *t, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list measure;
  va_copy(measure, arguments);
  int length = vsnprintf(NULL, 0, format, measure);
  va_end(measure);
  if (length > 0) {
    size_t needed = t->count + (size_t)length + 1;
    if (needed > t->capacity) {
      size_t capacity = needed * 2;
      char *grown = realloc(t->characters, capacity);
      if (grown) {
        t->characters = grown;
        t->capacity = capacity;
      }
    }
    if (needed <= t->capacity) {
      vsnprintf(t->characters + t->count, (size_t)length + 1, format, arguments);
      t->count += (size_t)length;
    }
  }
  va_end(arguments);
}

const char *st_text_characters(const text *t) { return t->characters ? t->characters : ""; }
