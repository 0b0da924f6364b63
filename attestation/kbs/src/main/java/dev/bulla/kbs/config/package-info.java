/**
 * The configuration file of a KBS: Trustee's TOML keys, and our own below {@code [bulla]}.
 *
 * <p><b>Security.</b> A key that is not known is refused with its path, and so is a value that is not supported: nothing is passed
 * over but what is said in {@link dev.bulla.kbs.config.KbsConfig#notes}.
 */
@NullMarked
package dev.bulla.kbs.config;

import org.jspecify.annotations.NullMarked;
