# Optimising by what a training run did: branches, inlining and the order of functions follow real requests.
#
#   SLUICE_TRAIN=ON          instruments; a process that ends writes what it counted to <build>/profile
#   SLUICE_PROFILE=FOLDER    optimises by such a folder, whatever build folder it came from
#
# tools/train is the run, `make release` does both. A file that was never trained is compiled as usual;
# in a trained one, a function that never ran is compiled for size.

option(SLUICE_TRAIN "Count what runs, for SLUICE_PROFILE of another build" OFF)
set(SLUICE_PROFILE "" CACHE PATH "The profile of a training run to optimise by")

if(SLUICE_TRAIN)
  set(counting -fprofile-generate=${CMAKE_BINARY_DIR}/profile -fprofile-update=prefer-atomic
    -fprofile-prefix-path=${CMAKE_BINARY_DIR})
  add_compile_options(${counting})
  add_link_options(${counting})
elseif(SLUICE_PROFILE)
  # Threads may lose a count; then the compiler evens the counts out.
  add_compile_options(-fprofile-use=${SLUICE_PROFILE} -fprofile-prefix-path=${CMAKE_BINARY_DIR}
    -fprofile-correction -Wno-missing-profile -Wno-coverage-mismatch --param=hot-bb-count-ws-permille=999)
endif()
