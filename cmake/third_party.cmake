# Outside libraries, one interface target each, found once. docs/dependencies.md says what each is for.
#
# With SLUICE_STATIC the archives are taken where the distribution ships them, so that the release binary
# needs nothing beside it but glibc.

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# sluice_third_party(NAME header LIBRARIES a b ...): finds the header and each library.
function(sluice_third_party name header)
  cmake_parse_arguments(ARG "" "" "LIBRARIES" ${ARGN})
  find_path(${name}_INCLUDE ${header} REQUIRED)
  add_library(third_party_${name} INTERFACE)
  add_library(third_party::${name} ALIAS third_party_${name})
  target_include_directories(third_party_${name} SYSTEM INTERFACE ${${name}_INCLUDE})
  foreach(library IN LISTS ARG_LIBRARIES)
    set(names ${library})
    if(SLUICE_STATIC)
      set(names lib${library}.a ${library})
    endif()
    find_library(${name}_${library}_LIBRARY NAMES ${names} REQUIRED)
    target_link_libraries(third_party_${name} INTERFACE ${${name}_${library}_LIBRARY})
  endforeach()
endfunction()

sluice_third_party(expected tl/expected.hpp)
sluice_third_party(openssl openssl/ssl.h LIBRARIES ssl crypto)
target_link_libraries(third_party_openssl INTERFACE ${CMAKE_DL_LIBS} Threads::Threads)
sluice_third_party(cares ares.h LIBRARIES cares)
sluice_third_party(nghttp2 nghttp2/nghttp2.h LIBRARIES nghttp2)
sluice_third_party(yaml yaml-cpp/yaml.h LIBRARIES yaml-cpp)
sluice_third_party(sqlite sqlite3.h LIBRARIES sqlite3)
target_link_libraries(third_party_sqlite INTERFACE ${CMAKE_DL_LIBS} m)
if(SLUICE_TESTS)
  sluice_third_party(gtest gtest/gtest.h LIBRARIES gtest_main gtest)
  target_link_libraries(third_party_gtest INTERFACE Threads::Threads)
endif()
find_path(benchmark_INCLUDE benchmark/benchmark.h)
if(SLUICE_BENCH AND benchmark_INCLUDE)
  sluice_third_party(benchmark benchmark/benchmark.h LIBRARIES benchmark_main benchmark)
  target_link_libraries(third_party_benchmark INTERFACE Threads::Threads)
endif()
