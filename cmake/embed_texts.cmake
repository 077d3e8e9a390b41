# Writes text files into a C++ source as one array: run with -DOUT=... -DNAMESPACE=... -DFILES="a;b".
#
# Raw string literals keep the text readable to whoever looks at what was written; a file that holds the
# delimiter is refused.
cmake_minimum_required(VERSION 3.25)
set(body "")
foreach(file IN LISTS FILES)
  file(READ ${file} text)
  if(text MATCHES "\\)~~~\"")
    message(FATAL_ERROR "${file} holds )~~~\", which ends a text here")
  endif()
  get_filename_component(name ${file} NAME)
  string(APPEND body "    {\"${name}\", R\"~~~(${text})~~~\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${OUT} CONTENT "// Written by cmake/embed_texts.cmake; do not edit.
#include \"@HEADER@\"

namespace @NAMESPACE@ {

const std::vector<EmbeddedText>& EmbeddedTexts() {
  static const std::vector<EmbeddedText> texts = {
@body@  };
  return texts;
}

}  // namespace @NAMESPACE@
" @ONLY)
