# Cross-compiles for 64-bit ARM Android with the NDK whose folder is in the environment's ANDROID_NDK.
# API 26 is the oldest that the Java side runs on; devices with pages of 16 kB load only libraries aligned to them.
if(NOT EXISTS "$ENV{ANDROID_NDK}/build/cmake/android.toolchain.cmake")
  message(FATAL_ERROR "ANDROID_NDK is \"$ENV{ANDROID_NDK}\"; expected the folder of an Android NDK.")
endif()
set(ANDROID_ABI arm64-v8a)
set(ANDROID_PLATFORM android-26)
set(ANDROID_STL none)
set(ANDROID_SUPPORT_FLEXIBLE_PAGE_SIZES ON)
foreach(kind EXE SHARED MODULE)
  set(CMAKE_${kind}_LINKER_FLAGS_INIT "-Wl,-z,max-page-size=16384")
endforeach()
include("$ENV{ANDROID_NDK}/build/cmake/android.toolchain.cmake")
