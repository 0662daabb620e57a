#include "measures.h"

namespace continuum::limits {

std::vector<std::string> MeasureNames() {
  std::vector<std::string> names;
  for (const auto& part : {FaultNames(), PublishNames(), HandOutNames()}) {
    names.insert(names.end(), part.begin(), part.end());
  }
  return names;
}

std::vector<Figure> Measure(const std::string& name, const Sizes& sizes) {
  const size_t kind = name.find('.'), rest = name.find('.', kind + 1);
  std::vector<Figure> figures;
  if (name.starts_with("fault.")) {
    figures.push_back(MeasureFaults(name.substr(kind + 1, rest - kind - 1), name.substr(rest + 1), sizes));
  } else if (name.starts_with("publish.")) {
    figures = MeasurePublish(name.substr(kind + 1), sizes);
  } else {
    figures.push_back(MeasureHandOut(name.substr(kind + 1), sizes));
  }
  for (Figure& figure : figures) figure.name = name;
  return figures;
}

}  // namespace continuum::limits
