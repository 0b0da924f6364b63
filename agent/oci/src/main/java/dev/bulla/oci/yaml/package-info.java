/** YAML 1.2 as the value tree of {@link dev.bulla.oci.json}, so that configurations are read as strictly as messages. */
@NullMarked
package dev.bulla.oci.yaml;

import org.jspecify.annotations.NullMarked;
