_base_ = './rtmw-l_8xb320-270e_cocktail14-384x288.py'
model = _base_.rtmw.x_384x288
