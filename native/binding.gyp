{
  "target_defaults": {
    "include_dirs": ["src"],
    "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
    "conditions": [["target_arch=='x64'", {"cflags_cc": ["-march=x86-64-v2"]}]],
    "cflags_cc": ["-std=c++20", "-O3", "-Wall", "-Wextra", "-Werror", "-fno-exceptions"],
    "libraries": ["-lpthread"],
    "target_conditions": [
      ["_type=='loadable_module'", {
        "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
        "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_DISABLE_CPP_EXCEPTIONS"],
        "cflags_cc": ["-fvisibility=hidden"],
        # Not bound at the first call, which may be in a signal handler: that takes locks, and kilobytes of its stack.
        "ldflags": ["-Wl,-z,now"]
      }]
    ]
  },
  "targets": [
    {
      "target_name": "continuum",
      "sources": ["<!@(node -p \"require('fs').readdirSync('src',{recursive:true}).filter(f=>f.endsWith('.cc')&&!f.startsWith('inject/')).map(f=>'src/'+f).join(' ')\")"]
    },
    {
      "target_name": "continuum_inject",
      "sources": ["<!@(node -p \"require('fs').readdirSync('src',{recursive:true}).filter(f=>f.endsWith('.cc')).map(f=>'src/'+f).join(' ')\")"],
      "defines": ["CONTINUUM_INJECT"]
    },
    {
      "target_name": "limits",
      "type": "executable",
      "sources": ["<!@(node -p \"require('fs').readdirSync('limits').filter(f=>f.endsWith('.cc')).map(f=>'limits/'+f).join(' ')\")"],
      "include_dirs": ["limits"]
    }
  ]
}
