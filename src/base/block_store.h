#pragma once

#include <cstddef>

namespace base {

// Memory for what comes and goes many times a request on one loop: coroutine frames, bodies, header text. A
// thread that has taken blocks keeps those it is given for its next ones of about that size, so a loop soon
// runs without asking the allocator. At most 64 blocks of each of 32 sizes up to 4 KiB are kept a thread;
// larger ones are the allocator's. Thread-safe; a block may be given back by another thread. Under the
// address sanitizer nothing is kept, so that it sees what is used after its end.
void* TakeBlock(std::size_t bytes);              // never null; at least `bytes`, aligned as operator new does
void GiveBlock(void* block, std::size_t bytes);  // the same number of bytes; null is let pass

}  // namespace base
