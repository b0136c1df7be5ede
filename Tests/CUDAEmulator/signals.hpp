// Turns the signals of a faulty kernel into its error.
#ifndef ST_EMULATED_SIGNALS_HPP
#define ST_EMULATED_SIGNALS_HPP

#include <stdint.h>

#include <string>

namespace st::emulated {

// While true, signals of the calling thread end the running kernel; other signals go to who had them before.
void catch_signals(bool on);
// For the sake of a message when the host touches device memory.
void install_signal_handlers();

}  // namespace st::emulated

#endif
