//! One malformed problem a line: template, JSON pointer, what is put there, what must be named.
//!
//! `-` removes the field; anything else is put into the text as it stands, JSON or not.

pub const LENGTHS: &str = "
dense        | /network/weights          | [[0.1, 0.2], [0.3]]     | network.weights[1]
dense        | /network/weights          | [[0.1], [0.3]]          | network.weights[0]
dense        | /network/weights          | [[0.1, 0.2]]            | network.weights
dense        | /network/weights          | []                      | network.weights
dense        | /network/weights          | [[], []]                | network.weights[0]
dense        | /network/input_weights    | [[0.5]]                 | network.input_weights
dense        | /network/input_weights    | [[0.5], [0.5, 0.1]]     | network.input_weights[1]
dense        | /network/input_weights    | []                      | network.input_weights
dense        | /network/bias             | [0.1]                   | network.bias
dense        | /network/bias             | [[0.1], [0.2]]          | network.bias[0]
dense        | /input                    | [0.1, 0.2]              | input
dense        | /input                    | -                       | input
dense        | /target                   | []                      | target
dense        | /target                   | [0.1, 0.2]              | target
dense        | /initial_state            | [0.0]                   | initial_state
dense        | /time_constants           | [1.0]                   | time_constants
dense        | /state_bounds             | [0.0]                   | state_bounds
dense        | /state_bounds             | [0.0, 1.0, 2.0]         | state_bounds
layered      | /network/forward          | [[[0.1, 0.2]]]          | network.forward
layered      | /network/forward/1        | [[0.1, 0.2]]            | network.forward[1][0]
layered      | /network/forward/0        | [[0.1, 0.2]]            | network.forward[0]
layered      | /network/feedback         | []                      | network.feedback
layered      | /network/feedback/0       | [[0.1, 0.2, 0.3]]       | network.feedback[0]
layered      | /network/bias             | [[0.0, 0.0, 0.0]]       | network.bias
layered      | /network/bias             | [0.0, 0.0, 0.0, 0.0]    | network.bias[0]
layered      | /network/bias/1           | []                      | network.bias[1]
layered      | /target                   | [0.1, 0.2]              | target
layered      | /input                    | [0.1]                   | input
layered      | /input                    | -                       | input
layered_init | /initial_state            | [0.0]                   | initial_state
";

pub const FIELDS: &str = "
dense        | /wieghts                  | 1                       | wieghts
dense        | /network/wieghts          | 1                       | wieghts
layered_init | /network/init/sede        | 1                       | sede
dense        | /network                  | -                       | network
dense        | /target                   | -                       | target
dense        | /network/type             | -                       | `type`
dense        | /network/dynamics         | -                       | `dynamics`
dense        | /network/activation       | -                       | `activation`
dense        | /network/weights          | -                       | network.weights
dense        | /network/outputs          | -                       | network.outputs
layered      | /network/forward          | -                       | network.forward
layered      | /network/feedback         | -                       | network.feedback
layered      | /network/sizes            | -                       | network.sizes
dense_init   | /network/sizes            | -                       | network.sizes
layered_init | /network/init/seed        | -                       | seed
layered_init | /network/init/scheme      | -                       | scheme
dense        | /network/forward          | []                      | network.forward
dense        | /network/feedback         | []                      | network.feedback
dense        | /network/sizes            | [1, 2]                  | network.sizes
layered      | /network/weights          | [[0.0]]                 | network.weights
layered      | /network/input_weights    | [[0.0]]                 | network.input_weights
layered      | /network/outputs          | [0]                     | network.outputs
dense_init   | /network/weights          | [[0.0, 0.0], [0, 0]]    | network.weights
dense_init   | /network/bias             | [0.0, 0.0]              | network.bias
dense_init   | /network/input_weights    | [[0.0], [0.0]]          | network.input_weights
layered_init | /network/forward          | []                      | network.forward
layered_init | /network/feedback         | []                      | network.feedback
layered_init | /network/bias             | []                      | network.bias
dense        | /network/state_bounds     | [-1, 1]                 | state_bounds
dense        | /network/time_constants   | [1, 1]                  | time_constants
dense        | /network/cost             | \"squared_error\"         | cost
";

pub const VALUES: &str = "
dense        | /network                  | []                      | network
dense        | /network/type             | \"no_such\"               | network.type
dense        | /network/type             | 3                       | network.type
dense        | /network/dynamics         | \"no_such\"               | network.dynamics
dense        | /network/dynamics         | null                    | network.dynamics
dense        | /network/activation       | \"sigmoid\"               | network.activation
dense        | /network/activation       | [\"tanh\"]                | network.activation
dense        | /network/weights          | \"zero\"                  | network.weights
dense        | /network/weights/0/1      | \"0.8\"                   | network.weights[0][1]
dense        | /network/weights/0/1      | null                    | network.weights[0][1]
dense        | /network/weights/0        | 0.8                     | network.weights[0]
dense        | /network/weights/0/0      | NaN                     | network.weights[0]
dense        | /network/weights/1/0      | 1e999                   | network.weights[1][0]
dense        | /network/bias             | {\"a\": 1}                | network.bias
dense        | /network/bias/1           | true                    | network.bias[1]
dense        | /network/bias/0           | Infinity                | network.bias
dense        | /network/bias/0           | 1e999                   | network.bias
dense        | /input                    | 0.7                     | input
dense        | /input/0                  | -1e999                  | input[0]
dense        | /input/0                  | 0x10                    | input
dense        | /input/0                  | .5                      | input
dense        | /target                   | \"cat\"                   | target
dense        | /target/0                 | -Infinity               | target[0]
dense        | /cost                     | \"cross_entropy\"         | cost
dense        | /network/outputs          | []                      | network.outputs
dense        | /network/outputs/0        | 2                       | network.outputs[0]
dense        | /network/outputs/0        | -1                      | network.outputs[0]
dense        | /network/outputs/0        | 0.5                     | network.outputs[0]
dense        | /network/outputs          | [1, 1]                  | network.outputs[1]
dense        | /network/outputs/0        | 1000000000000           | network.outputs[0]
dense        | /network/outputs/0        | 99999999999999999999    | network.outputs[0]
dense        | /time_constants/1         | 0.0                     | time_constants[1]
dense        | /time_constants/0         | -1.0                    | time_constants[0]
dense        | /time_constants/0         | 1e-400                  | time_constants[0]
dense        | /state_bounds             | [1.0, 0.0]              | state_bounds
dense        | /state_bounds             | [0.5, 0.5]              | state_bounds
dense        | /initial_state/1          | 5.5                     | initial_state[1]
dense_init   | /network/sizes            | [2000, 4500]            | weights in all
layered      | /network/sizes            | []                      | network.sizes
layered      | /network/sizes            | [2]                     | network.sizes
layered      | /network/sizes/1          | 0                       | network.sizes[1]
layered      | /network/sizes/0          | 0                       | network.sizes[0]
layered      | /network/sizes/1          | -3                      | network.sizes[1]
layered      | /network/sizes/1          | 3.5                     | network.sizes[1]
layered      | /network/sizes/1          | 1000000000000           | network.sizes
layered_init | /network/sizes/1          | 1000000000000           | network.sizes
layered_init | /network/sizes/0          | 1000000000000           | network.sizes[0]
layered_init | /network/sizes/1          | 18446744073709551615    | network.sizes
layered_init | /network/sizes            | [100000, 5000]          | network.sizes
dense_init   | /network/sizes/1          | 1000000000000           | network.sizes[1]
dense_init   | /network/sizes/0          | 1000000000000           | network.sizes[0]
dense_init   | /network/sizes/1          | 0                       | network.sizes[1]
dense_init   | /network/sizes            | [1, 2, 3]               | network.sizes
layered_init | /network/init/seed        | -1                      | network.init.seed
layered_init | /network/init/seed        | 1.5                     | network.init.seed
layered_init | /network/init/seed        | 18446744073709551616    | network.init.seed
layered_init | /network/init/gain        | -0.1                    | network.init.gain
layered_init | /network/init/gain        | \"big\"                   | network.init.gain
layered_init | /network/init/asymmetry   | 1.1                     | network.init.asymmetry
layered_init | /network/init/asymmetry   | -0.1                    | network.init.asymmetry
layered_init | /network/init/scheme      | \"he_normal\"             | network.init.scheme
layered_init | /network/init             | [\"glorot_uniform\", 1, 1, 1] | network.init
dense        | /network/activation       | {\"tanh\": null}          | network.activation
dense        | /network/type             | {\"dense\": null}         | network.type
";

/// Command lines behind a good problem: the arguments, what must be named.
pub const ARGUMENTS: &str = "
--estimator one_sided --beta 0           | beta
--estimator centred --beta NaN           | beta
--estimator centred --beta inf           | beta
--estimator centred --beta 1e9           | beta
--estimator centred --beta small         | beta
--beta 0                                 | beta
--points 1                               | points
--points 1e3                             | points
--learning-rate 0                        | learning_rate
--settle-time NaN                        | settle_time
--estimator no_such                      | estimator
--rtol 0                                 | rtol
--rtol -1                                | rtol
--rtol NaN                               | rtol
--rtol 1                                 | rtol
--atol 0                                 | atol
--atol -1e-9                             | atol
--max-time 0                             | max
--max-time -1                            | max
--max-time NaN                           | max
--max-steps -1                           | max-steps
--max-steps 1.5                          | max-steps
--method rk4                             | method
--method euler                           | dt
--method euler --dt 0                    | dt
--method euler --dt -0.1                 | dt
--method bdf --dt 0.1                    | dt
--no-such-flag                           | --no-such-flag
second.json                              | second.json
";
