#!/bin/sh
# Makes javac.heapgraph: the heap of javac while it compiles javax.swing. Needs OpenJDK 17 with its sources
# (Debian: openjdk-17-jdk-headless, openjdk-17-jre for java.desktop, openjdk-17-source) and `npm run build`.
#
#   JAVA_HOME=/path/to/jdk-17 bench/graph/make-javac-graph.sh [output] [dump to keep]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dist=$here/../../dist/bench/graph
output=${1:-$here/javac.heapgraph}
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
sources=$java_home/lib/src.zip
classes_before_dump=125

[ -f "$sources" ] || sources=$java_home/../openjdk-17/lib/src.zip
[ -f "$sources" ] || { echo "no src.zip in $java_home/lib: install the JDK's sources" >&2; exit 1; }
[ -f "$dist/index.js" ] || { echo "no $dist/index.js: run npm run build first" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
dump=${2:-$work/javac.hprof}
rm -f "$dump"
mkdir "$work/driver" "$work/classes" "$work/all"
(cd "$work/all" && "$java_home/bin/jar" xf "$sources" java.desktop/javax/swing)
# The package alone: from its subpackages javac takes the classes of the JDK, so it does not compile them as well.
mkdir -p "$work/java.desktop/javax/swing"
cp "$work"/all/java.desktop/javax/swing/*.java "$work/java.desktop/javax/swing/"

"$java_home/bin/javac" -d "$work/driver" "$here/JavacHeap.java"
# The young generation holds all that is allocated: the only collection is the dump's own, which slides, so that the
# order of addresses is the order of allocation.
"$java_home/bin/java" -XX:+UseSerialGC -Xmn2g -Xmx4g -cp "$work/driver" \
  JavacHeap "$work/java.desktop" "$work/classes" "$classes_before_dump" "$dump"

node --input-type=module -e '
  const [module, dump, output] = process.argv.slice(1);
  const { graphImport, formatDescription } = await import(module);
  const { fileBytes, report, description } = await graphImport(dump, output, { quality: 11 });
  console.log(report, `${fileBytes} bytes of file`);
  console.log(formatDescription(description));
' "file://$dist/index.js" "$dump" "$output"
