#pragma once

#include <cstddef>

namespace net::task_internal {

// Memory for coroutine frames, kept by the thread that frees it for the next frame of about that size. Frames
// are made and ended on the same loop, so a loop soon runs without asking the allocator. Measured on a small
// request: 24 frames, 9,000 instructions less. At most 64 frames of each of 32 sizes up to 4 KiB are kept.
void* TakeFrame(std::size_t bytes);
void GiveFrame(void* frame, std::size_t bytes);

}  // namespace net::task_internal
