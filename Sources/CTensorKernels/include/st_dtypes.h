// Element types, in the order of Swift's DType. It includes nothing: other backends embed this file's text.
#ifndef ST_DTYPES_H
#define ST_DTYPES_H

enum {
  ST_BOOL, ST_UINT8, ST_INT8, ST_INT16, ST_INT32, ST_INT64, ST_FLOAT16, ST_BFLOAT16, ST_FLOAT32, ST_FLOAT64
};

#endif
