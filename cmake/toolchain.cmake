# Compiler settings that hold for every target of the project.

option(SLUICE_TESTS "Build the tests" ON)
option(SLUICE_BENCH "Build the load generator and the benchmarks" OFF)
option(SLUICE_FUZZ "Build the fuzzers (libFuzzer with clang, a corpus replayer with g++)" OFF)
option(SLUICE_STATIC "Link every library but glibc into the binaries" OFF)
set(SLUICE_SANITIZE "" CACHE STRING "Value for -fsanitize=, e.g. address,undefined or thread")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(sluice_flags INTERFACE)
target_compile_options(sluice_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Werror $<$<NOT:$<CONFIG:Release>>:-fno-omit-frame-pointer>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns about its own coroutine frames and inlined string code at -O2; both are known false alarms.
  target_compile_options(sluice_flags INTERFACE
    -Wno-mismatched-new-delete -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds
    -Wno-dangling-pointer)
  # The link-time pass raises them again.
  target_link_options(sluice_flags INTERFACE -Wno-stringop-overflow -Wno-stringop-overread)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(sluice_flags INTERFACE -Wthread-safety)
endif()

if(SLUICE_SANITIZE)
  target_compile_options(sluice_flags INTERFACE -fsanitize=${SLUICE_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(sluice_flags INTERFACE -fsanitize=${SLUICE_SANITIZE})
  if(SLUICE_SANITIZE MATCHES "address")
    # They take a quarter of the compile time, and most of what they find the address sanitizer stops at too;
    # what is given up is a wrong type in valid memory, and a null reference that is never read.
    target_compile_options(sluice_flags INTERFACE -fno-sanitize=null,vptr,object-size)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND SLUICE_SANITIZE MATCHES "undefined")
    # clang 14 cannot place this check's data beside the parts it splits a coroutine into.
    target_compile_options(sluice_flags INTERFACE -fno-sanitize=function)
  endif()
endif()

# A link-time optimised link uses every core and much memory by itself, so only one runs at a time.
set_property(GLOBAL PROPERTY JOB_POOLS link=2 optimised_link=1)
if(CMAKE_INTERPROCEDURAL_OPTIMIZATION)
  set(CMAKE_JOB_POOL_LINK optimised_link)
else()
  set(CMAKE_JOB_POOL_LINK link)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Paths count from the source folder, so that a second clone finds what the first one compiled. What a
  # precompiled header defines is in its bytes, which count as any header's do; they are many, so that they
  # are read once and not for each file.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_INODECACHE=1
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
