// The twister's block and its tempering.
namespace {

ST_INLINE uint32_t twisted(uint32_t high, uint32_t low) {
  return (((high & 0x80000000u) | (low & 0x7FFFFFFFu)) >> 1) ^ (-(low & 1u) & 0x9908B0DFu);
}

// Three loops, so that no index wraps and each can be vectorised.
void twist(uint32_t *s) {
  for (int k = 0; k < length - shift; k++) s[k] = s[k + shift] ^ twisted(s[k], s[k + 1]);
  for (int k = length - shift; k < length - 1; k++) s[k] = s[k + shift - length] ^ twisted(s[k], s[k + 1]);
  s[length - 1] = s[shift - 1] ^ twisted(s[length - 1], s[0]);
}

ST_INLINE uint32_t tempered(uint32_t y) {
  y ^= y >> 11;
  y ^= (y << 7) & 0x9D2C5680u;
  y ^= (y << 15) & 0xEFC60000u;
  return y ^ (y >> 18);
}

void temper(const uint32_t *from, uint32_t *to, intptr_t count) {
  for (intptr_t i = 0; i < count; i++) to[i] = tempered(from[i]);
}

}  // namespace
