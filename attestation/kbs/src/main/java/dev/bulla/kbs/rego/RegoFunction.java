package dev.bulla.kbs.rego;

import dev.bulla.oci.json.JsonValue;
import java.util.List;

/** A function that the caller gives to a module beside the built-in ones. */
@FunctionalInterface
public interface RegoFunction {

    /**
     * Calls the function.
     *
     * @param arguments as many as the module was told the function has; a set comes as an array
     * @throws RegoException when they are not acceptable, which ends the evaluation
     */
    JsonValue call(List<JsonValue> arguments) throws RegoException;
}
