# One room = one folder under src/ = one static library.
#
#   sluice_room(net
#     SOURCES loop.cc stream.cc            # beside their headers; every *.h of the folder is part of the room
#     TESTS   http1_test.cc                # become the test program net_test
#     ONE_THREAD_TESTS http_head_test.cc   # are part of it too, where no thread sanitizer looks for races
#     DEPS    base telemetry config        # rooms, as in the table of ARCHITECTURE.md
#     LIBS    third_party::openssl         # libraries that its headers show
#     PRIVATE_LIBS third_party::cares      # libraries that only its sources use
#     ONE_THREAD)                          # all its tests use one thread, and are left out there
#
# A room is included as "room/file.h". Its include root holds nothing but a link to its own folder, so a room
# that is not linked cannot be included.

include(precompiled)  # sluice_precompile()

function(sluice_room name)
  cmake_parse_arguments(ARG "ONE_THREAD" ""
    "SOURCES;TESTS;ONE_THREAD_TESTS;DEPS;LIBS;PRIVATE_LIBS;TEST_LIBS" ${ARGN})
  if(NOT SLUICE_SANITIZE STREQUAL "thread")
    list(APPEND ARG_TESTS ${ARG_ONE_THREAD_TESTS})
  elseif(ARG_ONE_THREAD)
    set(ARG_TESTS)
  endif()
  set(root ${CMAKE_BINARY_DIR}/rooms/${name})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${name} SYMBOLIC)

  file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.h)
  list(TRANSFORM headers PREPEND ${root}/${name}/)

  set(private_headers ${headers})
  list(FILTER private_headers INCLUDE REGEX "_internal\\.h$")
  list(FILTER headers EXCLUDE REGEX "_internal\\.h$")

  if(ARG_SOURCES)
    add_library(${name} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(${name} PRIVATE sluice_flags ${ARG_PRIVATE_LIBS})
    sluice_precompile(${name} room)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${name} ${scope} ${root})
  target_sources(${name} ${scope} FILE_SET HEADERS BASE_DIRS ${root} FILES ${headers})
  target_link_libraries(${name} ${scope} ${ARG_DEPS} ${ARG_LIBS})
  # Every public header compiles alone: target all_verify_interface_header_sets.
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)

  if(ARG_TESTS AND SLUICE_TESTS)
    sluice_test(${name} SOURCES ${ARG_TESTS} LIBS ${name} ${ARG_TEST_LIBS})
  endif()
endfunction()

# sluice_test(net SOURCES connect_test.cc LIBS net): the test program net_test, which ctest knows as net.
function(sluice_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${ARG_LIBS} sluice_flags sluice_test_flags)
  sluice_precompile(${name}_test test)
  add_test(NAME ${name} COMMAND ${name}_test)
  set_tests_properties(${name} PROPERTIES LABELS unit TIMEOUT 300)
endfunction()

# sluice_program(sluice SOURCES main.cc DEPS gateway admin): a main() with its rooms, left in bin/.
function(sluice_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} ${ARG_LIBS} sluice_flags)
  target_compile_definitions(${name} PRIVATE SLUICE_VERSION="${PROJECT_VERSION}")
  sluice_precompile(${name} room)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  if(SLUICE_STATIC)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
  endif()
endfunction()
