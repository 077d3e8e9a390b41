# Precompiled headers: the outside headers that nearly every file includes, read once per build.
#
# Test programs always begin with one. Rooms do where SLUICE_PRECOMPILE is on, which the checks of CI are and
# `dev` and `release` are not: there a room's file that forgets an include does not compile.
# What stands in them is not of this project, so no edit of a room makes anything else compile again.

option(SLUICE_PRECOMPILE "Let the rooms begin with a precompiled header too" OFF)

set(usual <algorithm> <array> <atomic> <charconv> <chrono> <coroutine> <cstdint> <cstring> <deque>
  <functional> <map> <memory> <mutex> <optional> <span> <string> <string_view> <thread> <unordered_map>
  <utility> <vector>)

# sluice_precompiled(name LIBS a b HEADERS <c> <d>): the header `name`, for targets that link the same things.
function(sluice_precompiled name)
  cmake_parse_arguments(ARG "" "" "LIBS;HEADERS" ${ARGN})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/${name}.cc CONTENT "")
  add_library(${name} OBJECT EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/${name}.cc)
  target_link_libraries(${name} PRIVATE sluice_flags sluice_precompiled_flags ${ARG_LIBS})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

# What ccache asks for, so that it keeps files that begin with a precompiled header.
add_library(sluice_precompiled_flags INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # One that does not fit is read as text.
  target_compile_options(sluice_precompiled_flags INTERFACE -fpch-preprocess -Wno-error=invalid-pch)
  if(SLUICE_PRECOMPILE)
    # g++ forgets that what it read there is the library's, whose inlined string code alarms it for nothing.
    target_compile_options(sluice_precompiled_flags INTERFACE -Wno-stringop-overread)
  endif()
else()
  target_compile_options(sluice_precompiled_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

if(SLUICE_PRECOMPILE)
  sluice_precompiled(precompiled_room LIBS third_party::expected HEADERS ${usual} <tl/expected.hpp>)
endif()
if(SLUICE_TESTS)
  # Tests are compiled far more often than they are run, and most of their code runs once.
  add_library(sluice_test_flags INTERFACE)
  target_compile_options(sluice_test_flags INTERFACE -O0)
  target_link_libraries(sluice_test_flags INTERFACE third_party::gtest)
  sluice_precompiled(precompiled_test LIBS sluice_test_flags third_party::expected
    HEADERS <gtest/gtest.h> ${usual} <filesystem> <fstream> <future> <tl/expected.hpp>)
endif()

# sluice_precompile(target room|test): `target` begins with that header, where it is on.
function(sluice_precompile target kind)
  if(TARGET precompiled_${kind})
    target_link_libraries(${target} PRIVATE sluice_precompiled_flags)
    target_precompile_headers(${target} REUSE_FROM precompiled_${kind})
  endif()
endfunction()
