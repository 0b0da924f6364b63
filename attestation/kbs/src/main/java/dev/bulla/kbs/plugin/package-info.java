/**
 * What a KBS serves below {@code /kbs/v0/<name>/}: one {@link dev.bulla.kbs.plugin.KbsPlugin} a name. {@code resource} is built in.
 */
@NullMarked
package dev.bulla.kbs.plugin;

import org.jspecify.annotations.NullMarked;
