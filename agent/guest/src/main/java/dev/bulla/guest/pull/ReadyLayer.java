package dev.bulla.guest.pull;

import dev.bulla.guest.layer.UnpackedLayer;

/**
 * A layer that has been verified and unpacked.
 *
 * @param planned what it was read for
 * @param layer the layer
 * @param source where it came from
 */
record ReadyLayer(PlannedLayer planned, UnpackedLayer layer, LayerSource source) {}
