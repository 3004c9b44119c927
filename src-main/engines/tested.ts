/** Where engines come from, and which versions of them this version of the app was tested with. */

/** Address of the Python package index; `PIP_INDEX_URL` and `--index` name another. */
export const defaultIndex = 'https://pypi.org/simple'

/** The package of each flavour of the TensorFlow engine, by its name on the index. */
export const tensorflowPackage = (gpu: boolean): string => (gpu ? 'tensorflow' : 'tensorflow-cpu')

/** PEP 440 specifiers of the TensorFlow versions whose libraries fit the binding. */
export const tensorflowVersions = '>=2.21.0,<2.22'

/** The GNU C library that those wheels are made for (`manylinux_2_27`). */
export const oldestGlibc = '2.27'

/** The extra of the `tensorflow` package that names the CUDA libraries it needs. */
export const cudaExtra = 'and-cuda'

/** The package that holds the binding's sources. */
export const bindingPackage = '@tensorflow/tfjs-node-gpu'

/**
 * CUDA libraries that TensorFlow looks up by name when it starts. The binding is linked to them, because a library that is
 * already loaded is found without a search path.
 */
export const cudaLibraries: readonly string[] = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcufft.so.11',
  'libcurand.so.10',
  'libcusolver.so.11',
  'libcusparse.so.12',
  'libcudnn.so.9',
  'libcupti.so.12',
  'libnccl.so.2',
  'libnvJitLink.so.12',
  'libnvrtc.so.12'
]
