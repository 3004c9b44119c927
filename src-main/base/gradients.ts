/**
 * Registers tfjs's gradient functions, without which `tf.grads` and `tf.valueAndGrads` know no derivative: tfjs-core's
 * Node build leaves them out and only the union package brings them. Import this before differentiating anything.
 */
import '@tensorflow/tfjs'
