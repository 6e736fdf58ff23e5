//! Networks to begin with.

/// Name, what there is to see, and the problem.
pub(super) const EXAMPLES: [(&str, &str, &str); 10] = [
    (
        "Two neurons, not symmetric",
        "One stable focus: the update points away from the gradient.",
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
  "weights": [[0.4, -1.2], [1.5, 0.2]], "bias": [0.3, -0.2], "outputs": [1]},
 "target": [0.6]}"#,
    ),
    (
        "Two neurons, symmetric",
        "Leaky networks err even with symmetric weights: their Jacobian is not symmetric.",
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
  "weights": [[0.5, 0.9], [0.9, -0.3]], "bias": [0.6, -0.1], "outputs": [1]},
 "target": [0.8]}"#,
    ),
    (
        "An energy",
        "The Hopfield field with symmetric weights: the update is the gradient.",
        r#"{"network": {"type": "dense", "dynamics": "hopfield", "activation": "tanh",
  "weights": [[0.5, 0.9], [0.9, -0.3]], "bias": [0.6, -0.1], "outputs": [1]},
 "target": [0.8]}"#,
    ),
    (
        "Two memories",
        "Two stable states and the saddle between them, with their basins.",
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
  "weights": [[1.6, 0.3], [0.5, 1.5]], "bias": [0.05, 0.0], "outputs": [0]},
 "target": [-0.5], "initial_state": [0.3, 0.2]}"#,
    ),
    (
        "An oscillator",
        "No stable state: the trajectory goes round a limit cycle, and EP has no free phase.",
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
  "weights": [[2.0, -2.2], [2.2, 1.6]], "bias": [0.0, 0.0], "outputs": [1]},
 "target": [0.5], "initial_state": [0.2, 0.0]}"#,
    ),
    (
        "Just before a Hopf point",
        "A weak spiral: turn the gain up, and it becomes a cycle.",
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "tanh",
  "weights": [[0.95, -1.3], [1.3, 0.95]], "bias": [0.1, 0.0], "outputs": [1]},
 "target": [0.3], "initial_state": [0.8, 0.0]}"#,
    ),
    (
        "A fast and a slow neuron",
        "Time constants 1 and 20: the same fixed points, another way there.",
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "logistic",
  "weights": [[3.0, -4.0], [4.0, -1.0]], "bias": [0.0, -1.0], "outputs": [0]},
 "target": [0.9], "time_constants": [1.0, 20.0]}"#,
    ),
    (
        "The classical clamp",
        "Hopfield, hard sigmoid, states held in [0, 1]: rests on bounds.",
        r#"{"network": {"type": "dense", "dynamics": "hopfield", "activation": "hard_sigmoid",
  "weights": [[0.0, 0.8], [0.8, 0.0]], "bias": [0.9, 0.1], "outputs": [1]},
 "target": [0.2], "state_bounds": [0, 1]}"#,
    ),
    (
        "Winner takes all",
        "Mutual inhibition: the stronger input decides, or the history.",
        r#"{"network": {"type": "dense", "dynamics": "leaky", "activation": "logistic",
  "weights": [[3.0, -6.0], [-6.0, 3.0]], "input_weights": [[2.0, 0.0], [0.0, 2.0]],
  "bias": [1.5, 1.5], "outputs": [0, 1]},
 "input": [0.6, 0.4], "target": [1.0, 0.0]}"#,
    ),
    (
        "A layered network",
        "Three layers of neurons: a section through the state that the dynamics reach.",
        r#"{"network": {"type": "layered", "dynamics": "leaky", "activation": "tanh",
  "sizes": [3, 4, 3, 2],
  "init": {"scheme": "glorot_uniform", "seed": 7, "asymmetry": 1.0}},
 "input": [0.3, -0.6, 0.9], "target": [0.5, -0.5]}"#,
    ),
];
